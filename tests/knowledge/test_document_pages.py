"""One document: what it says, its file, and what can be done with it."""

import pytest

from knowledge.models import Document
from tests.factories.knowledge import DocumentFactory, SourceFactory, indexed, upload
from tests.factories.tenants import JobFactory


@pytest.fixture
def source(tenant):
    return SourceFactory(tenant=tenant)


@pytest.fixture
def document(access, editor, source):
    """A document that is ready, of two passages."""
    text = "# Refunds\n\nMoney is sent within five days.\n\n# Repairs\n\nTents are patched."
    [document] = indexed(access(editor), source, ("rules.md", text))
    return document


def url(document, act=""):
    return f"/t/acme/knowledge/documents/{document.pk}/{act}"


def test_it_shows_its_passages_in_reading_order(page, viewer, document):
    response = page(viewer).get(url(document))

    assert [row.heading for row in response.context["page"].rows] == ["Refunds", "Repairs"]
    body = response.content.decode()
    assert "Money is sent" in body
    assert "Markdown" in body


def test_a_failed_one_tells_its_cause(page, viewer, source, access, editor):
    [document] = indexed(access(editor), source, ("empty.txt", b""))

    body = page(viewer).get(url(document)).content.decode()

    assert "This file has no content" in body


def test_while_it_is_read_the_page_follows_its_job(page, editor, source, access):
    [document] = upload(access(editor), source, ("a.txt", b"Some words."))

    body = page(editor).get(url(document)).content.decode()

    assert f"jobs/{document.job_id}/progress/" in body
    assert "job-finished from:body" in body


def test_the_file_is_saved_and_never_shown(page, viewer, source, access, editor):
    [document] = indexed(access(editor), source, ("page.html", "<h1>Hello</h1><p>World</p>"))

    response = page(viewer).get(url(document, "file/1/"))

    assert b"".join(response.streaming_content) == b"<h1>Hello</h1><p>World</p>"
    assert response["Content-Disposition"] == 'attachment; filename="page.html"'
    assert response["Content-Type"] == "application/octet-stream"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "no-store" in response["Cache-Control"]


def test_a_file_that_is_not_kept_is_not_there(page, viewer, document):
    assert page(viewer).get(url(document, "file/7/")).status_code == 404


def test_a_failed_one_is_read_again(page, contributor, access, source):
    [document] = indexed(access(contributor), source, ("empty.txt", b""))

    response = page(contributor).post(url(document, "retry/"))

    document.refresh_from_db()
    assert response["Location"] == document.get_absolute_url()
    assert document.status == Document.Status.QUEUED


def test_an_act_of_the_list_leads_back_to_it(page, contributor, access, source):
    [document] = indexed(access(contributor), source, ("empty.txt", b""))

    response = page(contributor).post(url(document, "retry/"), {"from-list": "1"})

    assert response["Location"] == source.get_absolute_url()


def test_reading_is_cancelled(page, contributor, access, source):
    [document] = upload(access(contributor), source, ("a.txt", b"Some words."))

    page(contributor).post(url(document, "cancel/"))

    document.refresh_from_db()
    assert document.job.status == "cancelled"
    assert document.status == Document.Status.FAILED


def test_somebody_elses_job_is_not_a_contributors_to_cancel(page, tenant, contributor, editor):
    job = JobFactory(tenant=tenant, created_by=editor)
    document = DocumentFactory(tenant=tenant, job=job)

    assert page(contributor).post(url(document, "cancel/")).status_code in (403, 404)
    assert page(editor).post(url(document, "cancel/")).status_code == 302


def test_a_document_without_work_has_nothing_to_cancel(page, tenant, contributor):
    document = DocumentFactory(tenant=tenant)

    assert page(contributor).post(url(document, "cancel/")).status_code == 302


def test_deleting_leads_to_the_source(page, editor, source, document):
    response = page(editor).post(url(document, "delete/"))

    assert response["Location"] == source.get_absolute_url()
    assert not Document.unscoped.exists()


def test_contributors_may_not_delete(page, contributor, document):
    assert page(contributor).post(url(document, "delete/")).status_code == 403
    assert url(document, "delete/") not in page(contributor).get(url(document)).content.decode()


def test_the_page_costs_a_constant_number_of_queries(
    page, viewer, document, django_assert_max_num_queries
):
    client = page(viewer)

    with django_assert_max_num_queries(8):
        client.get(url(document))
