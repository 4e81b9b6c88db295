"""Lists as files: what the page shows under its filters, and nothing more."""

import json

import pytest

from tenants.models import AuditEvent
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.runs import AgentRunFactory
from tests.factories.tenants import JobFactory
from tests.factories.tools import ToolFactory

pytestmark = pytest.mark.django_db


def lines(response):
    return [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]


def export(client, place, query=""):
    return client.post(f"/t/acme/{place}/export/{query}", {"format": "json"})


@pytest.mark.parametrize(
    ("factory", "place"),
    [
        (AgentFactory, "agents"),
        (PersonaFactory, "personas"),
        (ToolFactory, "tools"),
        (SourceFactory, "knowledge"),
    ],
)
def test_shared_objects_are_exported_as_they_are_listed(
    page, viewer, tenant, other_tenant, factory, place
):
    factory(tenant=tenant, name="=Zebra helper")
    factory(tenant=tenant, name="Other")
    factory(tenant=tenant, name="Zebra vault", is_restricted=True)
    factory(tenant=other_tenant, name="Zebra abroad")
    client = page(viewer)

    told = lines(export(client, place, "?q=zebra"))
    as_csv = client.post(f"/t/acme/{place}/export/?q=zebra", {"format": "csv"})

    assert [row["name"] for row in told] == ["=Zebra helper"]
    assert b"'=Zebra helper" in b"".join(as_csv.streaming_content)
    assert f"/t/acme/{place}/export/".encode() in client.get(f"/t/acme/{place}/").content


def test_runs_are_exported_with_question_answer_and_cost(page, owner, viewer, tenant):
    agent = AgentFactory(tenant=tenant)
    for status in ("completed", "failed"):
        AgentRunFactory(
            tenant=tenant, agent=agent, started_by=owner, input="How long?", status=status
        )

    [row] = lines(export(page(owner), "runs", "?status=failed"))

    assert (row["question"], row["status"], row["started_by"]) == ("How long?", "failed", "Owner")
    assert "cost_usd" in row


def test_jobs_are_exported(page, editor, tenant):
    JobFactory(tenant=tenant, created_by=editor, title="Index it", status="failed")
    JobFactory(tenant=tenant, created_by=editor, title="Index more", status="done")

    [row] = lines(export(page(editor), "jobs", "?status=failed"))

    assert (row["title"], row["by"]) == ("Index it", "Editor")


def test_members_are_exported_to_those_who_keep_them(page, admin, viewer, owner):
    [row] = lines(export(page(admin), "settings/members", "?q=viewer"))

    assert row["email"] == "viewer@acme.example"
    assert row["role"] == "Viewer"
    assert export(page(viewer), "settings/members").status_code == 403


def test_an_export_is_on_record_with_its_filters(page, viewer, tenant):
    export(page(viewer), "agents", "?q=billing&sort=name")

    event = AuditEvent.unscoped.get(action="agents.exported")
    assert event.changes == {"format": "json", "filters": {"q": "billing", "sort": "name"}}
    assert event.actor == viewer


def test_it_keeps_of_an_address_what_the_list_knows_and_a_row_could_hold(page, viewer, tenant):
    answer = export(page(viewer), "agents", "?q=a%00b&status=draft&evil=%00")

    assert answer.status_code == 200
    event = AuditEvent.unscoped.get(action="agents.exported")
    assert event.changes["filters"] == {"status": "draft"}
