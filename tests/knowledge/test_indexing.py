"""A document's file becomes passages that are found: all of them, once."""

from dataclasses import replace

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledge import embedding, indexing, services, storing
from knowledge.extraction import reading
from knowledge.models import Chunk, ChunkVector, Document, EmbeddingSpace, TermDelta
from knowledge.retrieval import retrieve
from tenants import jobs
from tenants.models import Job
from tests.factories.knowledge import indexed, upload, work
from tests.knowledge import made_files

pytestmark = pytest.mark.django_db


@pytest.fixture
def contributor_access(access, contributor):
    return access(contributor)


@pytest.fixture
def document(contributor_access, source):
    [document] = upload(contributor_access, source, ("leave.txt", b"Parental leave: 16 weeks."))
    return document


def texts(document):
    return list(document.chunks.order_by("position").values_list("text", flat=True))


def counted(document):
    """The passages, and the vectors that there are for them."""
    return document.chunks.count(), ChunkVector.unscoped.filter(chunk__document=document).count()


def test_a_document_becomes_ready(document):
    work(document)

    document.refresh_from_db()
    assert document.status == "ready"
    assert document.current_version == document.newest_version
    assert (document.media_type, document.chunk_count) == ("text/plain", 1)
    assert texts(document) == ["Parental leave: 16 weeks."]
    assert Job.unscoped.get(pk=document.job_id).status == "done"


def test_every_page_of_a_long_pdf_is_found_with_its_number(contributor_access, source):
    data = made_files.pdf(pages=300, marker="zebra")

    [document] = indexed(contributor_access, source, ("handbook.pdf", data))

    assert (document.status, document.page_count) == ("ready", 300)
    for number in (1, 7, 150, 299, 300):
        [first, *_] = retrieve(contributor_access, f"zebra{number}").passages
        assert first.page == number
        assert f"zebra{number}." in first.text
        assert first.heading.endswith(f"Section {number}")


def test_a_file_that_can_not_be_read_fails_the_document_with_its_cause(contributor_access, source):
    [document] = indexed(contributor_access, source, ("secret.pdf", made_files.pdf(password="x")))

    assert document.status == "failed"
    assert document.cause_code == "password_protected"
    assert document.cause.startswith("This PDF is protected by a password.")
    job = Job.unscoped.get(pk=document.job_id)
    assert (job.status, job.cause, job.attempt) == ("failed", document.cause, 1)


def test_a_failed_document_can_be_tried_again(contributor_access, source, document, monkeypatch):
    monkeypatch.setattr(
        indexing, "extract", lambda *a, **k: (_ for _ in ()).throw(indexing.Unreadable("timeout"))
    )
    work(document)
    document.refresh_from_db()
    assert document.status == "failed"
    monkeypatch.undo()

    services.retry_document(contributor_access, document)
    document.refresh_from_db()
    assert (document.status, document.cause) == ("queued", "")
    work(document)

    assert texts(document) == ["Parental leave: 16 weeks."]


def test_reading_a_document_again_doubles_nothing(contributor_access, document):
    work(document)
    services.retry_document(contributor_access, document)
    document.refresh_from_db()

    work(document)

    assert counted(document) == (1, 1)


def test_a_new_file_takes_the_place_of_the_old_one(contributor_access, document):
    work(document)
    old_file = str(document.newest_version.file)
    new = SimpleUploadedFile("leave-2.md", b"# Leave\n\n- Parental leave: 20 weeks.")

    services.replace_document(contributor_access, document, new)

    assert texts(document) == ["Parental leave: 16 weeks."], "found until the new one is read"
    document.refresh_from_db()
    work(document)
    document.refresh_from_db()
    assert document.name == "leave-2.md"
    assert document.current_version.number == 2
    assert texts(document) == ["- Parental leave: 20 weeks."]
    assert not Chunk.unscoped.filter(text__contains="16").exists()
    assert document.versions.get(number=1).file == ""
    assert old_file


def test_the_old_file_goes_when_the_new_one_is_ready(
    contributor_access, document, django_capture_on_commit_callbacks
):
    work(document)
    old_file = str(document.newest_version.file)
    services.replace_document(
        contributor_access, document, SimpleUploadedFile("new.txt", b"Other words")
    )
    document.refresh_from_db()

    with django_capture_on_commit_callbacks(execute=True):
        work(document)
        assert default_storage.exists(old_file)

    assert not default_storage.exists(old_file)
    assert default_storage.exists(str(document.newest_version.file))


# ── Interruptions ─────────────────────────────────────────────────────────────────────────────


class Killed(BaseException):
    """Stands in for the end of the process: nothing catches it."""


def kill(*args, **kwargs):
    raise Killed


def taken_back(document):
    """The reconciler finds that the worker is gone, and queues the job again."""
    job = Job.unscoped.get(pk=document.job_id)
    assert job.status == "running"
    Job.unscoped.filter(pk=job.pk).update(lease_until=job.created_at)
    jobs.reconcile()


@pytest.mark.parametrize(
    ("place", "name"),
    [(indexing, "extract"), (embedding, "embed"), (storing, "add"), (storing.counting, "note")],
)
def test_a_worker_that_is_killed_anywhere_loses_and_doubles_nothing(
    document, monkeypatch, place, name
):
    with monkeypatch.context() as patched, pytest.raises(Killed):
        patched.setattr(place, name, kill)
        work(document)
    assert counted(document) == (0, 0)
    taken_back(document)

    work(document)

    assert counted(document) == (1, 1)
    assert Document.unscoped.get(pk=document.pk).status == "ready"


@pytest.fixture
def meanwhile(monkeypatch):
    """`meanwhile(act)`: something that happens while a worker reads the next file."""

    def arrange(act):
        def extract(*args, **kwargs):
            monkeypatch.undo()
            act()
            return reading.extract(*args, **kwargs)

        monkeypatch.setattr(indexing, "extract", extract)

    return arrange


def test_who_lost_the_lease_writes_nothing(document, meanwhile):
    def overtaken():
        taken_back(document)
        work(document)

    meanwhile(overtaken)
    work(document)

    assert counted(document) == (1, 1)
    assert Job.unscoped.get(pk=document.job_id).attempt == 2


def test_a_document_that_is_deleted_while_it_is_read_leaves_nothing(
    contributor_access, document, meanwhile
):
    meanwhile(lambda: services.delete_document(contributor_access, document))

    work(document)

    assert not Document.unscoped.exists()
    assert not Chunk.unscoped.exists()
    assert not TermDelta.unscoped.exists()
    assert Job.unscoped.get().status in ("cancelled", "failed")


def test_a_job_that_a_newer_one_replaced_does_nothing(contributor_access, document):
    first = document.job_id
    jobs.cancel(document.job)
    services.retry_document(contributor_access, document)
    jobs.restart(contributor_access, Job.unscoped.get(pk=first))

    jobs.perform(first, replace(indexing.INGEST, most=1))

    assert Job.unscoped.get(pk=first).cause_code == "superseded"
    assert Document.unscoped.get(pk=document.pk).status == "queued"


def test_a_cancelled_job_leaves_a_document_that_can_be_tried_again(document):
    jobs.cancel(document.job)

    document.refresh_from_db()
    assert (document.status, document.cause_code) == ("failed", "cancelled")


def test_an_unexpected_error_is_tried_again(document, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(embedding, "embed", lambda texts: 1 / 0)
        work(document)
    assert Job.unscoped.get(pk=document.job_id).status == "queued"

    work(document)

    assert counted(document) == (1, 1)


# ── Progress ──────────────────────────────────────────────────────────────────────────────────


def test_pages_and_then_passages_are_told(contributor_access, source, monkeypatch):
    told = []
    monkeypatch.setattr(jobs.Lease, "progress", lambda self, *progress: told.append(progress))
    monkeypatch.setattr(indexing, "_BATCH", 10)
    [document] = upload(contributor_access, source, ("a.pdf", made_files.pdf(pages=20)))

    work(document)

    assert (8, 20, "pages") in told
    assert (10, document.chunks.count(), "passages") in told


def test_a_reader_that_is_silent_still_notices_a_cancellation(document, monkeypatch):
    def silent(file, *, limits, on_page):
        Job.unscoped.filter(pk=document.job_id).update(is_cancel_requested=True)
        on_page(0, 0)

    monkeypatch.setattr(indexing, "extract", silent)

    work(document)

    assert Job.unscoped.get(pk=document.job_id).status == "cancelled"


def test_a_tenant_has_one_space_of_its_own(contributor_access, source, document):
    work(document)
    indexed(contributor_access, source, ("b.txt", "More words."))

    space = EmbeddingSpace.unscoped.get()
    assert space.tenant == source.tenant
    assert (space.provider, space.dimensions, space.is_current) == ("wordllama", 256, True)
