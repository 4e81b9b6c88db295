"""Taking files in and out."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from knowledge import files, services
from knowledge.models import Chunk, Document, DocumentVersion, Source
from tenants.models import AuditEvent, Job
from tests.factories.knowledge import indexed, upload, work

pytestmark = pytest.mark.django_db


@pytest.fixture
def by(access, contributor):
    return access(contributor)


def stored_files(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


def actions():
    return list(AuditEvent.unscoped.order_by("number").values_list("action", flat=True))


def given(name, data):
    return SimpleUploadedFile(name, data)


def test_each_file_becomes_a_document_and_a_job(by, source):
    uploads = services.upload_documents(by, source, [given("a.txt", b"one"), given("b.pdf", b"2")])

    assert [upload.document.name for upload in uploads] == ["a.txt", "b.pdf"]
    assert [upload.document.status for upload in uploads] == ["queued", "queued"]
    for document, job, is_new in uploads:
        assert is_new
        assert document.job == job
        assert job.subject_id == document.pk
        assert job.title == f"Index {document.name}"
    assert actions().count("document.uploaded") == 2


def test_the_file_is_kept_under_a_name_that_is_made_here(by, source, tenant):
    [document] = upload(by, source, ("../../etc/passwd", b"root"))

    version = document.versions.get()
    assert version.file.name.startswith(f"tenants/{tenant.pk}/documents/")
    assert "passwd" not in version.file.name
    with default_storage.open(version.file.name) as file:
        assert file.read() == b"root"
    assert version.file_hash == document.content_hash
    assert len(document.content_hash) == 64


def test_the_same_content_is_not_taken_twice(by, source, settings):
    [first] = upload(by, source, ("a.txt", b"same"))

    [again] = services.upload_documents(by, source, [given("copy of a.txt", b"same")])

    assert again == (first, first.job, False)
    assert Document.unscoped.count() == 1
    assert len(stored_files(settings)) == 1


def test_the_same_content_twice_in_one_upload_is_one_document(by, source, settings):
    first, second = services.upload_documents(
        by, source, [given("a.txt", b"same"), given("b.txt", b"same")]
    )

    assert (first.is_new, second.is_new) == (True, False)
    assert first.document == second.document
    assert len(stored_files(settings)) == 1
    work(first.document)
    assert Document.unscoped.get().status == "ready"


def test_the_same_content_in_another_source_is_another_document(by, source, access, editor):
    other = services.create_source(access(editor), name="Other")

    upload(by, source, ("a.txt", b"same"))
    upload(by, other, ("a.txt", b"same"))

    assert Document.unscoped.count() == 2


def test_giving_a_failed_file_again_tries_again(by, source):
    [document] = indexed(by, source, ("a.png", b"\x89PNG\r\n\x1a\n1234"))
    assert document.status == "failed"

    [again] = services.upload_documents(by, source, [given("a.png", b"\x89PNG\r\n\x1a\n1234")])

    assert again.document == document
    assert again.job.status == "queued"
    assert again.job.pk != document.job_id


def test_a_file_that_is_too_large_fails_and_is_not_kept(by, source, settings):
    settings.UPLOAD_MAX_BYTES = 10

    [document] = indexed(by, source, ("big.txt", b"more than ten bytes"))

    assert (document.status, document.cause_code) == ("failed", "too_large")
    assert "it has 19\xa0bytes, more than 10\xa0bytes" in document.cause
    assert stored_files(settings) == []


def test_typed_text_becomes_a_document(by, source):
    document, _, is_new = services.add_text(by, source, name="Note", text="# Hours\n\n- 9 to 5")
    work(document)

    document.refresh_from_db()
    assert is_new
    assert (document.name, document.media_type) == ("Note", "text/markdown")
    assert document.chunks.get().heading == "Hours"


@pytest.mark.parametrize(
    ("name", "kept"), [("a\x00b.txt", "ab.txt"), (" ", "Untitled"), ("x" * 300, "x" * 255)]
)
def test_any_name_of_a_file_can_be_stored(by, source, name, kept):
    [(document, _, _)] = services.upload_documents(by, source, [SimpleUploadedFile(name, b"x")])

    assert document.name == kept


def test_an_upload_that_fails_leaves_no_file(by, source, settings, monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("knowledge.services.documents.jobs.enqueue", fail)

    with pytest.raises(RuntimeError):
        upload(by, source, ("a.txt", b"one"), ("b.txt", b"two"))

    assert stored_files(settings) == []
    assert not Document.unscoped.exists()


def test_a_replacement_that_fails_leaves_no_file(by, source, settings, monkeypatch):
    [document] = indexed(by, source, ("a.txt", b"one"))

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr("knowledge.services.documents.jobs.enqueue", fail)

    with pytest.raises(RuntimeError):
        services.replace_document(by, document, given("b.txt", b"two"))

    assert len(stored_files(settings)) == 1
    document.refresh_from_db()
    assert document.status == "ready"


def test_replacing_a_file_ends_the_job_that_reads_the_old_one(by, source):
    [document] = upload(by, source, ("a.txt", b"one"))

    job = services.replace_document(by, document, given("b.txt", b"two"))

    assert Job.unscoped.get(pk=document.job_id).status == "cancelled"
    document.refresh_from_db()
    assert (document.job, document.status, document.name) == (job, "queued", "b.txt")
    assert "document.replaced" in actions()


def test_retrying_what_is_at_work_changes_nothing(by, source):
    [document] = upload(by, source, ("a.txt", b"one"))

    assert services.retry_document(by, document) == document.job
    assert Job.unscoped.count() == 1


def test_a_deleted_document_leaves_nothing_behind(
    by, source, settings, django_capture_on_commit_callbacks
):
    [document] = indexed(by, source, ("a.txt", "words"))

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_document(by, document)
        assert stored_files(settings) != []

    assert stored_files(settings) == []
    assert not Document.unscoped.exists()
    assert not DocumentVersion.unscoped.exists()
    assert not Chunk.unscoped.exists()
    assert actions()[-1] == "document.deleted"


def test_a_deletion_that_is_rolled_back_keeps_the_file(by, source, settings):
    [document] = indexed(by, source, ("a.txt", "words"))

    class Undo(Exception):
        pass

    with pytest.raises(Undo), transaction.atomic():
        services.delete_document(by, document)
        raise Undo

    assert len(stored_files(settings)) == 1
    assert Chunk.unscoped.count() == 1


def test_a_file_that_is_gone_already_stops_no_deletion(
    by, source, settings, django_capture_on_commit_callbacks
):
    [document] = indexed(by, source, ("a.txt", "words"))
    stored_files(settings)[0].unlink()

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_document(by, document)

    assert not Document.unscoped.exists()


def test_a_deleted_source_takes_its_documents_along(
    access, admin, by, source, settings, django_capture_on_commit_callbacks
):
    indexed(by, source, ("a.txt", "words"), ("b.txt", "other words"))
    [waiting] = upload(by, source, ("c.txt", b"third"))

    with django_capture_on_commit_callbacks(execute=True):
        services.delete_source(access(admin), source)

    assert not Source.unscoped.exists()
    assert not Chunk.unscoped.exists()
    assert stored_files(settings) == []
    assert Job.unscoped.get(pk=waiting.job_id).status == "cancelled"


def test_a_file_that_can_not_be_removed_stands_in_nobody_s_way(monkeypatch):
    removed = []

    class Storage:
        def delete(self, name):
            if name == "busy":
                raise OSError(name)
            removed.append(name)

    monkeypatch.setattr(files, "default_storage", Storage())

    files.remove(["busy", "other"])

    assert removed == ["other"]


def test_an_editor_can_not_restrict_a_source(access, editor, source):
    with pytest.raises(PermissionDenied):
        services.create_source(access(editor), name="Secret", is_restricted=True)
    with pytest.raises(PermissionDenied):
        services.update_source(access(editor), source, is_restricted=True)

    services.update_source(access(editor), source, is_restricted=False, name="Renamed")


def test_who_restricts_a_source_still_reaches_it(access, admin, source):
    made = services.create_source(access(admin), name="Secret", is_restricted=True)
    services.update_source(access(admin), source, is_restricted=True)

    assert set(access(admin).visible(Source, "manage")) == {made, source}
