"""Sources: the list, making, reading, changing and deleting one."""

import pytest

from knowledge.models import Document, Source
from tests.factories.agents import AgentSourceFactory
from tests.factories.knowledge import DocumentFactory, SourceFactory, upload

URL = "/t/acme/knowledge/"


def url(source, act=""):
    return f"{URL}{source.pk}/{act}"


def names(response):
    return [row.name for row in response.context["page"].rows]


def test_the_list_tells_what_is_in_each_source(page, tenant, viewer):
    source = SourceFactory(tenant=tenant, name="Handbook")
    DocumentFactory(tenant=tenant, source=source, status="ready", chunk_count=41)

    body = page(viewer).get(URL).content.decode()

    assert "Handbook" in body
    assert ">41<" in body
    assert 'data-status="ready"' in body


@pytest.mark.parametrize(
    ("statuses", "told"),
    [
        (["ready", "indexing", "failed"], "indexing"),
        (["ready", "failed", "failed"], "2 failed"),
        ([], "Empty"),
    ],
)
def test_a_source_says_how_it_stands(page, tenant, viewer, statuses, told):
    source = SourceFactory(tenant=tenant)
    for status in statuses:
        DocumentFactory(tenant=tenant, source=source, status=status)

    assert told in page(viewer).get(URL).content.decode()


def test_the_list_is_searched_and_narrowed(page, tenant, viewer):
    SourceFactory(tenant=tenant, name="Handbook", description="For the desk")
    SourceFactory(tenant=tenant, name="Notes", kind="text")
    client = page(viewer)

    assert names(client.get(URL, {"q": "desk"})) == ["Handbook"]
    assert names(client.get(URL, {"kind": "text"})) == ["Notes"]
    assert names(client.get(URL, {"kind": "nonsense", "sort": "name"})) == ["Handbook", "Notes"]
    assert "No source fits" in client.get(URL, {"q": "zebra"}).content.decode()


def test_a_first_source_is_offered_to_those_who_may_make_one(page, tenant, editor, viewer):
    assert "Make the first source" in page(editor).get(URL).content.decode()
    assert "Make the first source" not in page(viewer).get(URL).content.decode()


def test_restricted_sources_are_shown_to_owners_only(page, tenant, owner, viewer):
    source = SourceFactory(tenant=tenant, is_restricted=True)

    assert page(viewer).get(url(source)).status_code == 404
    assert page(owner).get(url(source)).status_code == 200


def test_making_a_source_leads_to_it(page, tenant, editor):
    sent = {"name": "Notes", "description": "Ours", "kind": "text"}

    response = page(editor).post(f"{URL}new/", sent)

    source = Source.unscoped.get()
    assert response["Location"] == url(source)
    assert (source.name, source.kind, source.created_by) == ("Notes", "text", editor)


def test_a_taken_name_is_told_beside_its_field(page, tenant, editor):
    SourceFactory(tenant=tenant, name="Handbook")

    response = page(editor).post(f"{URL}new/", {"name": "Handbook", "kind": "upload"})

    assert response.status_code == 422
    assert "Another source has this name." in response.context["form"].errors["name"]


def test_a_source_is_changed(page, tenant, editor):
    source = SourceFactory(tenant=tenant)

    page(editor).post(url(source, "edit/"), {"name": "Renamed", "version": 1})

    source.refresh_from_db()
    assert (source.name, source.description, source.version) == ("Renamed", "", 2)


def test_a_save_that_met_a_newer_one_shows_both_and_loses_neither(page, tenant, editor):
    source = SourceFactory(tenant=tenant, description="First")
    sent = {"name": source.name, "description": "Mine", "version": 1}
    Source.unscoped.filter(pk=source.pk).update(description="Theirs", version=2)
    client = page(editor)

    refused = client.post(url(source, "edit/"), sent)
    again = client.post(url(source, "edit/"), sent | {"version": 2})

    assert refused.status_code == 422
    [part] = refused.context["form"].merge.parts
    assert (part.theirs, part.mine) == ("Theirs", "Mine")
    assert again.status_code == 302


def test_deleting_names_the_agents_and_takes_it_from_them(page, tenant, admin):
    link = AgentSourceFactory(tenant=tenant, agent__name="Billing helper")
    client = page(admin)

    asked = client.get(url(link.source)).content.decode()
    done = client.post(url(link.source, "delete/"))

    assert "Billing helper" in asked
    assert done["Location"] == URL
    assert not Source.unscoped.exists()
    assert not link.agent.source_links.exists()


def test_editors_may_not_delete_a_source(page, tenant, editor):
    source = SourceFactory(tenant=tenant)

    assert page(editor).post(url(source, "delete/")).status_code == 403
    assert url(source, "delete/") not in page(editor).get(url(source)).content.decode()


def test_documents_are_searched_and_narrowed(page, tenant, viewer):
    source = SourceFactory(tenant=tenant)
    DocumentFactory(tenant=tenant, source=source, name="rules.pdf", status="ready")
    DocumentFactory(tenant=tenant, source=source, name="terms.pdf", status="failed")
    client = page(viewer)

    assert names(client.get(url(source), {"q": "rules"})) == ["rules.pdf"]
    assert names(client.get(url(source), {"status": "failed"})) == ["terms.pdf"]
    assert "No document fits" in client.get(url(source), {"q": "zebra"}).content.decode()


def test_a_page_asks_again_only_while_something_is_read(page, tenant, editor, access):
    source = SourceFactory(tenant=tenant)
    client = page(editor)

    assert b"every 1500ms" not in client.get(url(source)).content

    [document] = upload(access(editor), source, ("a.txt", b"Some words."))
    body = client.get(url(source)).content.decode()
    assert "every 1500ms" in body
    assert f"progress/?document={document.pk}" in body


def test_progress_brings_the_rows_as_they_are_now(page, tenant, editor, access):
    source = SourceFactory(tenant=tenant)
    [document] = upload(access(editor), source, ("a.txt", b"Some words."))
    type(document.job).unscoped.update(status="running", done=12, total=300, unit="pages")
    query = {"document": [str(document.pk), "nonsense"]}

    body = page(editor).get(url(source, "progress/"), query).content.decode()

    assert "12 of 300 pages" in body
    assert f'<tr id="document-{document.pk}"' in body
    assert "every 1500ms" in body


def test_progress_ends_with_the_work(page, tenant, viewer):
    document = DocumentFactory(tenant=tenant, status="ready")
    query = {"document": str(document.pk)}

    body = page(viewer).get(url(document.source, "progress/"), query).content.decode()

    assert "every 1500ms" not in body
    assert 'data-status="ready"' in body


def test_progress_tells_nothing_of_other_sources(page, tenant, viewer):
    source, other = SourceFactory(tenant=tenant), DocumentFactory(tenant=tenant)

    response = page(viewer).get(url(source, "progress/"), {"document": str(other.pk)})

    assert other.name not in response.content.decode()


def test_viewers_are_offered_no_upload(page, tenant, viewer, contributor):
    source = SourceFactory(tenant=tenant)

    assert b"data-upload" not in page(viewer).get(url(source)).content
    assert b"data-upload" in page(contributor).get(url(source)).content


def test_the_page_costs_a_constant_number_of_queries(
    page, tenant, editor, django_assert_max_num_queries
):
    source = SourceFactory(tenant=tenant)
    for _ in range(10):
        DocumentFactory(tenant=tenant, source=source, status="ready")
    client = page(editor)

    with django_assert_max_num_queries(9):  # the saved views among them
        assert len(client.get(url(source)).context["page"].rows) == Document.unscoped.count()


def test_only_those_who_may_share_a_source_restrict_it(page, tenant, editor, admin):
    source = SourceFactory(tenant=tenant)

    page(editor).post(url(source, "edit/"), {"name": source.name, "is_restricted": "on"})
    source.refresh_from_db()
    assert not source.is_restricted

    response = page(admin).post(url(source, "edit/"), {"name": source.name, "is_restricted": "on"})
    source.refresh_from_db()
    assert source.is_restricted
    assert page(admin).get(response["Location"]).status_code == 200
    assert page(editor).get(url(source)).status_code == 404
