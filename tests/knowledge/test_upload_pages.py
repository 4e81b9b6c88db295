"""Putting documents in: files with and without script, typed text, new versions."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledge.models import Document
from tests.factories.knowledge import DocumentFactory, SourceFactory, indexed


@pytest.fixture
def source(tenant):
    return SourceFactory(tenant=tenant)


def url(source, act):
    return f"/t/acme/knowledge/{source.pk}/{act}/"


def file(name="rules.txt", content=b"Refunds take five days."):
    return SimpleUploadedFile(name, content)


def test_several_files_become_documents_with_jobs(page, source, contributor):
    response = page(contributor).post(
        url(source, "upload"), {"files": [file(), file("terms.md", b"# Terms")]}
    )

    assert response["Location"] == source.get_absolute_url()
    documents = Document.unscoped.order_by("name")
    assert [document.name for document in documents] == ["rules.txt", "terms.md"]
    assert all(document.job.created_by == contributor for document in documents)


def test_an_empty_file_is_taken_and_fails_by_itself(page, source, contributor):
    page(contributor).post(url(source, "upload"), {"files": [file("empty.txt", b"")]})

    assert Document.unscoped.get().name == "empty.txt"


def test_no_file_is_told_at_the_picker(page, source, contributor):
    response = page(contributor).post(url(source, "upload"), {})

    assert response.status_code == 422
    assert "Choose a file first." in response.content.decode()


def test_the_page_of_the_picker_works_without_script(page, source, contributor):
    body = page(contributor).get(url(source, "upload")).content.decode()

    assert 'enctype="multipart/form-data"' in body
    assert 'type="file"' in body


def test_sent_by_the_script_a_new_file_needs_no_line_of_its_own(page, source, contributor):
    response = page(contributor).post(
        url(source, "upload"), {"files": [file()]}, headers={"HX-Request": "true"}
    )

    assert response.status_code == 200
    assert b"<li>" not in response.content


def test_a_file_that_is_there_already_is_said_so(page, source, contributor):
    client, sent = page(contributor), {"HX-Request": "true"}
    client.post(url(source, "upload"), {"files": [file()]})

    line = client.post(url(source, "upload"), {"files": [file("again.txt")]}, headers=sent)
    told = client.post(url(source, "upload"), {"files": [file("again.txt")]}, follow=True)

    assert "already here" in line.content.decode()
    assert "has this content already" in told.content.decode()
    assert Document.unscoped.count() == 1


def test_viewers_may_not_upload(page, source, viewer):
    assert page(viewer).post(url(source, "upload"), {"files": [file()]}).status_code == 403


def test_typed_text_becomes_a_document(page, source, contributor):
    response = page(contributor).post(
        url(source, "text"), {"name": "Opening hours", "text": "# Hours\n\n9 to 5."}
    )

    document = Document.unscoped.get()
    assert response["Location"] == document.get_absolute_url()
    assert document.name == "Opening hours"


def test_a_text_without_words_is_refused(page, source, contributor):
    response = page(contributor).post(url(source, "text"), {"name": "Empty", "text": " "})

    assert response.status_code == 422
    assert not Document.unscoped.exists()


def test_a_new_version_is_read_in_place_of_the_old(page, source, access, editor):
    [document] = indexed(access(editor), source, ("a.txt", "Old words."))
    act = f"/t/acme/knowledge/documents/{document.pk}/replace/"

    shown = page(editor).get(act)
    response = page(editor).post(act, {"file": file("b.txt", b"New words.")})

    assert shown.status_code == 200
    assert response["Location"] == document.get_absolute_url()
    assert document.versions.count() == 2


def test_a_new_version_needs_a_file(page, tenant, editor):
    document = DocumentFactory(tenant=tenant)

    response = page(editor).post(f"/t/acme/knowledge/documents/{document.pk}/replace/", {})

    assert response.status_code == 422
