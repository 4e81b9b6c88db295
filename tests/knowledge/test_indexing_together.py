"""Small files are read several at a time; each is still ready, failed or gone for itself."""

import os
import secrets
import signal
import subprocess
import sys
from dataclasses import replace
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection

from knowledge import indexing, services
from knowledge.models import Chunk, ChunkVector, Document, TermDelta
from tenants import jobs
from tenants.jobs import asking
from tenants.models import Job
from tests.factories.knowledge import upload

# However slow the machine is.
TOGETHER = replace(indexing.INGEST, seconds=600)
TEXTS = [(f"{name}.txt", f"About {name} and leave.".encode()) for name in ("a", "b", "c", "d")]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_queue(monkeypatch):
    monkeypatch.setattr(asking, "_announce", lambda kind, job_id: None)


@pytest.fixture
def documents(access, contributor, source):
    return upload(access(contributor), source, *TEXTS)


@pytest.fixture
def while_reading(monkeypatch):
    """`while_reading(b"about c", act)`: something that happens when the file with that is read."""

    def arrange(words, act):
        def extract(file, **options):
            if words in file.read():
                act()
            file.seek(0)
            return read(file, **options)

        read = indexing.extract
        monkeypatch.setattr(indexing, "extract", extract)

    return arrange


def read_all(documents):
    jobs.perform(documents[0].job_id, TOGETHER)


def held(documents):
    """Each document's status, and how many passages with how many vectors there are of it."""
    ids = [document.pk for document in documents]
    status = dict(Document.unscoped.filter(pk__in=ids).values_list("pk", "status"))
    return [
        (
            status.get(pk),
            Chunk.unscoped.filter(document=pk).count(),
            ChunkVector.unscoped.filter(chunk__document=pk).count(),
        )
        for pk in ids
    ]


READY = ("ready", 1, 1)


def test_files_that_wait_are_read_with_the_first(documents):
    read_all(documents)

    assert held(documents) == [READY] * 4
    assert set(Job.unscoped.values_list("status", "attempt")) == {("done", 1)}
    document = Document.unscoped.get(pk=documents[2].pk)
    assert (document.media_type, document.chunk_count) == ("text/plain", 1)
    assert document.current_version == document.newest_version


def test_many_files_cost_few_queries_more_than_one(documents, django_assert_max_num_queries):
    # Among them two for the rights of who asked: of the first, and of those taken with it.
    with django_assert_max_num_queries(28):
        read_all(documents)


def test_an_unreadable_file_fails_alone(access, contributor, source):
    documents = upload(access(contributor), source, *TEXTS[:2], ("x.txt", b"  "), TEXTS[2])

    read_all(documents)

    assert held(documents) == [READY, READY, ("failed", 0, 0), READY]
    assert Document.unscoped.get(pk=documents[2].pk).cause_code == "empty"


def test_one_that_is_cancelled_meanwhile_writes_nothing(documents, while_reading):
    while_reading(b"About d", lambda: jobs.cancel(documents[1].job))

    read_all(documents)

    assert held(documents) == [READY, ("failed", 0, 0), READY, READY]
    assert Document.unscoped.get(pk=documents[1].pk).cause_code == "cancelled"


def test_one_that_is_deleted_meanwhile_leaves_nothing(
    documents, while_reading, access, contributor
):
    while_reading(b"About d", lambda: services.delete_document(access(contributor), documents[1]))

    read_all(documents)

    assert held(documents) == [READY, (None, 0, 0), READY, READY]
    assert not Chunk.unscoped.filter(text__contains="About b").exists()


def test_one_whose_lease_was_lost_leaves_it_to_the_other(documents, while_reading):
    def another_takes_it():
        Job.unscoped.filter(pk=documents[1].job_id).update(status="queued")
        jobs.perform(documents[1].job_id, indexing.INGEST)

    while_reading(b"About d", another_takes_it)

    read_all(documents)

    assert held(documents) == [READY] * 4
    assert Job.unscoped.get(pk=documents[1].job_id).attempt == 2


def test_one_that_can_not_be_written_fails_alone(documents, monkeypatch):
    add = indexing.storing.add

    def picky(space, read):
        if any("About c" in passages.pieces[0].text for _, passages in read):
            raise ZeroDivisionError
        add(space, read)

    monkeypatch.setattr(indexing.storing, "add", picky)

    read_all(documents)

    assert held(documents) == [READY, READY, ("queued", 0, 0), READY]
    assert Job.unscoped.get(pk=documents[2].job_id).status == "queued"


def test_terms_are_counted_once(documents):
    read_all(documents)

    space = indexing.spaces.current(documents[0].tenant_id)
    assert not TermDelta.unscoped.exists()
    assert space.chunk_total == 4


# ── A worker is killed ────────────────────────────────────────────────────────────────────────

DIES_AT_THE_THIRD = """
import os, signal, sys
from dataclasses import replace
from uuid import UUID
import django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[2]
from knowledge import indexing
from tenants import jobs
read = indexing.extract

def extract(file, **options):
    if b"About c" in file.read():
        os.kill(os.getpid(), signal.SIGKILL)
    file.seek(0)
    return read(file, **options)

indexing.extract = extract
jobs.perform(UUID(sys.argv[1]), replace(indexing.INGEST, seconds=600))
"""


def killed_worker(document):
    """A real process that takes the document's job, with others, and dies while it reads."""
    connection.ensure_connection()
    there = connection.connection.info
    host = quote(there.host, safe="")
    account = f"{quote(there.user)}:{quote(there.password)}"
    address = f"postgresql://{account}@/{there.dbname}?host={host}&port={there.port}"
    variables = {
        **os.environ,
        "DATABASE_URL": address,
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "SECRET_KEY": secrets.token_urlsafe(64),
        "ROSTER_SECRET_KEYS": settings.SECRET_KEYS,
    }
    return subprocess.run(
        [sys.executable, "-c", DIES_AT_THE_THIRD, str(document.job_id), str(settings.MEDIA_ROOT)],
        cwd=settings.BASE_DIR,
        env=variables,
        timeout=120,
        check=False,
    ).returncode


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_loses_and_doubles_nothing(documents):
    assert killed_worker(documents[0]) == -signal.SIGKILL
    assert set(Job.unscoped.values_list("status", "attempt")) == {("running", 1)}
    assert held(documents) == [("queued", 0, 0)] * 4

    Job.unscoped.update(lease_until=documents[0].created_at)
    jobs.reconcile()
    read_all(documents)

    # Tried before, so alone: what killed one worker takes no neighbour with it again.
    assert held(documents) == [READY, *[("queued", 0, 0)] * 3]
    for document in documents:
        jobs.perform(document.job_id, TOGETHER)
    assert held(documents) == [READY] * 4
    assert set(Job.unscoped.values_list("status", "attempt")) == {("done", 2)}
