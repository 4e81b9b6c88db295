import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from knowledge.models import Document, Source
from tenants.models import Job
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import DocumentFactory, SourceFactory, indexed

pytestmark = pytest.mark.django_db


def file(name="rules.txt", text="Refunds are paid within five working days."):
    return SimpleUploadedFile(name, text.encode())


def test_a_source_is_created_where_its_location_says(api, editor):
    answer = api(editor).post("/knowledge", {"name": "Handbook", "description": "Ours"})

    assert answer.status_code == 201
    assert api(editor).client.get(answer["Location"]).json() == answer.json()
    assert answer.json()["documents"] == 0


def test_a_name_that_is_taken_is_told_at_its_field(api, editor, tenant):
    SourceFactory(tenant=tenant, name="Handbook")

    answer = api(editor).post("/knowledge", {"name": "Handbook"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "validation_failed"


def test_an_unknown_field_is_refused(api, editor):
    answer = api(editor).post("/knowledge", {"name": "Handbook", "tenant": str(uuid.uuid4())})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == "/tenant"


def test_sources_are_listed_with_what_is_in_them(api, viewer, tenant):
    DocumentFactory(source=SourceFactory(tenant=tenant, name="B"), tenant=tenant, status="failed")
    SourceFactory(tenant=tenant, name="A")

    items = api(viewer).get("/knowledge", {"sort": "name"}).json()["items"]

    assert [(item["name"], item["documents"], item["failed"]) for item in items] == [
        ("A", 0, 0),
        ("B", 1, 1),
    ]


def test_several_files_are_taken_in_at_once(api, contributor, tenant):
    source = SourceFactory(tenant=tenant)

    answer = api(contributor).upload(
        "/knowledge/upload", {"knowledge_id": str(source.pk), "files": [file(), file("b.txt", "B")]}
    )

    items = answer.json()["items"]
    assert answer.status_code == 202
    assert [item["document"]["name"] for item in items] == ["rules.txt", "b.txt"]
    assert answer["Location"] == f"/api/v1/jobs/{items[0]['job']['id']}"
    assert api(contributor).client.get(answer["Location"]).json()["status"] == "queued"


def test_the_same_content_is_not_taken_twice(api, contributor, tenant):
    source = SourceFactory(tenant=tenant)
    form = {"knowledge_id": str(source.pk), "files": [file()]}
    first = api(contributor).upload("/knowledge/upload", form).json()["items"][0]

    form["files"] = [file()]
    second = api(contributor).upload("/knowledge/upload", form).json()["items"][0]

    assert (second["is_new"], second["document"]["id"]) == (False, first["document"]["id"])
    assert Document.unscoped.count() == 1


def test_an_upload_into_a_foreign_source_finds_none(api, contributor, other_tenant):
    source = SourceFactory(tenant=other_tenant)

    answer = api(contributor).upload(
        "/knowledge/upload", {"knowledge_id": str(source.pk), "files": [file()]}
    )

    assert answer.status_code == 404
    assert not Document.unscoped.exists()


def test_a_viewer_uploads_nothing(api, viewer, tenant):
    source = SourceFactory(tenant=tenant)

    answer = api(viewer).upload(
        "/knowledge/upload", {"knowledge_id": str(source.pk), "files": [file()]}
    )

    assert answer.status_code == 403
    assert not Job.unscoped.exists()


def test_typed_text_is_kept_as_a_document(api, contributor, tenant):
    source = SourceFactory(tenant=tenant)

    answer = api(contributor).post(
        f"/knowledge/{source.pk}/documents", {"name": "Hours", "text": "# Hours\n\n9 to 5."}
    )

    assert answer.status_code == 202
    assert answer.json()["items"][0]["document"]["name"] == "Hours"


def test_a_search_names_document_and_heading(api, access, contributor, tenant):
    source = SourceFactory(tenant=tenant)
    indexed(access(contributor), source, ("rules.md", "# Refunds\n\nPaid within five days."))

    answer = api(contributor).post("/knowledge/search", {"query": "refund days", "explain": True})

    best = answer.json()["passages"][0]
    assert (best["document"], best["heading"]) == ("rules.md", "Refunds")
    assert answer.json()["explanation"]["term_weights"]


def test_a_search_in_a_foreign_source_finds_no_source(api, viewer, other_tenant):
    foreign = SourceFactory(tenant=other_tenant)

    answer = api(viewer).post("/knowledge/search", {"query": "x", "source_ids": [str(foreign.pk)]})

    assert answer.status_code == 404


def test_documents_are_listed_by_status(api, viewer, tenant):
    source = SourceFactory(tenant=tenant)
    DocumentFactory(source=source, tenant=tenant, status="ready", name="good.txt")
    DocumentFactory(source=source, tenant=tenant, status="failed")

    answer = api(viewer).get(f"/knowledge/{source.pk}/documents", {"status": "ready", "q": "GOOD"})

    assert [item["name"] for item in answer.json()["items"]] == ["good.txt"]


def test_a_failed_document_is_read_again(api, access, contributor, tenant):
    source = SourceFactory(tenant=tenant)
    [document] = indexed(access(contributor), source, ("empty.txt", ""))
    assert api(contributor).get(f"/knowledge/documents/{document.pk}").json()["cause_code"]

    answer = api(contributor).post(f"/knowledge/documents/{document.pk}/retry")

    assert (answer.status_code, answer.json()["status"]) == (202, "queued")


def test_a_document_is_deleted(api, access, editor, tenant):
    source = SourceFactory(tenant=tenant)
    [document] = indexed(access(editor), source, ("a.txt", "Some words."))

    assert api(editor).delete(f"/knowledge/documents/{document.pk}").status_code == 204
    assert api(editor).get(f"/knowledge/documents/{document.pk}").status_code == 404


def test_only_what_changes_is_sent(api, editor, tenant):
    source = SourceFactory(tenant=tenant, name="Old", description="Kept")

    answer = api(editor).patch(f"/knowledge/{source.pk}", {"name": "New"})

    assert (answer.json()["name"], answer.json()["description"]) == ("New", "Kept")
    assert answer.json()["version"] == 2


def test_an_edit_of_an_old_version_is_refused(api, editor, tenant):
    source = SourceFactory(tenant=tenant)
    stale = {"If-Match": '"7"'}

    answer = api(editor).patch(f"/knowledge/{source.pk}", {"name": "New"}, headers=stale)

    assert (answer.status_code, answer.json()["code"]) == (412, "version_mismatch")


def test_deleting_what_an_agent_answers_from_names_the_agent(api, owner, tenant):
    agent = AgentFactory(tenant=tenant, name="Helper")
    source = SourceFactory(tenant=tenant)
    client = api(owner)
    client.post(f"/agents/{agent.pk}/knowledge", {"knowledge_id": str(source.pk)})

    refused = client.delete(f"/knowledge/{source.pk}")
    forced = client.delete(f"/knowledge/{source.pk}?force=true")

    assert (refused.status_code, refused.json()["users"][0]["name"]) == (409, "Helper")
    assert forced.status_code == 204
    assert not Source.unscoped.exists()
