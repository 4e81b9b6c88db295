"""Agents through the API."""

import pytest

from agents.models import Agent
from tests.factories.agents import AgentFactory, AgentToolFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import ProviderFactory
from tests.factories.tools import ToolFactory

UNKNOWN = "0198f2a0-6f0e-7c3a-9d0e-3f1f5b1c7a10"


def test_creating_answers_the_agent_and_where_it_is(api, tenant, editor):
    persona, source = PersonaFactory(tenant=tenant), SourceFactory(tenant=tenant)
    sent = {
        "name": "Billing helper",
        "persona_id": str(persona.pk),
        "persona_values": {"company": "Globex"},
        "source_ids": [str(source.pk)],
        "limits": {"max_steps": 3},
    }

    response = api(editor).post("/agents", sent)

    assert response.status_code == 201
    made = response.json()
    assert response["Location"] == f"/api/v1/agents/{made['id']}"
    assert made["slug"] == "billing-helper"
    assert (made["status"], made["version"], made["published_version"]) == ("draft", 1, None)
    assert (made["model"], made["provider_id"]) == ("default", None)
    assert (made["source_ids"], made["tool_ids"]) == ([str(source.pk)], [])
    assert (made["limits"]["max_steps"], made["limits"]["retrieve_k"]) == (3, 8)
    assert api(editor).get(f"/agents/{made['id']}").json() == made


@pytest.mark.parametrize(
    ("sent", "pointer"),
    [
        ({}, "/name"),
        ({"name": ""}, "/name"),
        ({"name": "A", "colour": "red"}, "/colour"),
        ({"name": "A", "limits": {"max_steps": 0}}, "/limits/max_steps"),
        ({"name": "A", "slug": "not a slug"}, "/slug"),
        ({"name": "Taken"}, "/name"),
    ],
)
def test_a_wrong_field_is_pointed_at(api, tenant, editor, sent, pointer):
    AgentFactory(tenant=tenant, name="Taken")

    response = api(editor).post("/agents", sent)

    assert response.status_code == 422
    assert response["Content-Type"] == "application/problem+json"
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


@pytest.mark.parametrize(
    ("field", "factory"),
    [("persona_id", PersonaFactory), ("provider_id", ProviderFactory)],
)
def test_a_foreign_id_reads_like_an_unknown_one(api, other_tenant, editor, field, factory):
    foreign = api(editor).post(
        "/agents", {"name": "A", field: str(factory(tenant=other_tenant).pk)}
    )
    unknown = api(editor).post("/agents", {"name": "A", field: UNKNOWN})

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.json()["detail"] == unknown.json()["detail"]


def test_a_list_is_paged_narrowed_and_sorted(api, tenant, viewer):
    for name in ("Bee", "Ant", "Cat"):
        AgentFactory(tenant=tenant, name=name, model="x" if name == "Cat" else "demo")
    client = api(viewer)

    first = client.get("/agents", {"sort": "name", "limit": 2}).json()
    rest = client.get(
        "/agents", {"sort": "name", "limit": 2, "cursor": first["next_cursor"]}
    ).json()

    assert [agent["name"] for agent in first["items"]] == ["Ant", "Bee"]
    assert ([agent["name"] for agent in rest["items"]], rest["next_cursor"]) == (["Cat"], None)
    assert [a["name"] for a in client.get("/agents", {"model": "x"}).json()["items"]] == ["Cat"]
    assert [a["name"] for a in client.get("/agents", {"q": "be"}).json()["items"]] == ["Bee"]
    assert len(client.get("/agents", {"status": "draft"}).json()["items"]) == 3


def test_a_list_can_be_narrowed_to_a_source(api, tenant, editor):
    agent, source = AgentFactory(tenant=tenant), SourceFactory(tenant=tenant)
    AgentFactory(tenant=tenant)
    client = api(editor)
    client.post(f"/agents/{agent.pk}/knowledge", {"knowledge_id": str(source.pk)})

    found = client.get("/agents", {"source_id": str(source.pk)}).json()["items"]

    assert [one["id"] for one in found] == [str(agent.pk)]


@pytest.mark.parametrize("query", [{"sort": "spend"}, {"status": "odd"}, {"colour": "red"}])
def test_an_unknown_parameter_or_value_is_refused(api, tenant, viewer, query):
    assert api(viewer).get("/agents", query).status_code == 422


def test_a_list_costs_a_constant_number_of_queries(
    api, tenant, viewer, django_assert_max_num_queries
):
    for _ in range(5):
        AgentToolFactory(tenant=tenant, agent__published=True)
    client = api(viewer)

    with django_assert_max_num_queries(8):
        assert len(client.get("/agents").json()["items"]) == 5


def test_a_patch_takes_only_what_changes(api, tenant, editor):
    tool = ToolFactory(tenant=tenant)
    agent = AgentFactory(tenant=tenant, max_steps=3, description="Kept")
    changes = {"name": "Renamed", "limits": {"retrieve_k": 2}, "tool_ids": [str(tool.pk)]}

    changed = api(editor).patch(f"/agents/{agent.pk}", changes).json()

    assert (changed["name"], changed["description"], changed["version"]) == ("Renamed", "Kept", 2)
    assert (changed["limits"]["max_steps"], changed["limits"]["retrieve_k"]) == (3, 2)
    assert changed["tool_ids"] == [str(tool.pk)]


def test_another_provider_brings_its_usual_model(api, tenant, editor):
    provider = ProviderFactory(tenant=tenant, default_model="gpt-9")
    agent = AgentFactory(tenant=tenant)
    client = api(editor)

    moved = client.patch(f"/agents/{agent.pk}", {"provider_id": str(provider.pk)}).json()
    back = client.patch(f"/agents/{agent.pk}", {"provider_id": None}).json()

    assert (moved["model"], back["model"]) == ("gpt-9", "default")


@pytest.mark.parametrize(("sent", "status"), [('"1"', 200), ("*", 200), ('"7"', 412), ("x", 412)])
def test_if_match_guards_against_lost_updates(api, tenant, editor, sent, status):
    agent = AgentFactory(tenant=tenant)

    response = api(editor).patch(
        f"/agents/{agent.pk}", {"name": "Mine"}, headers={"If-Match": sent}
    )

    assert response.status_code == status
    assert Agent.unscoped.filter(name="Mine").exists() == (status == 200)


def test_publishing_answers_the_version(api, tenant, editor):
    agent = AgentFactory(tenant=tenant)
    client = api(editor)

    first = client.post(f"/agents/{agent.pk}/publish", {"note": "First"})
    again = client.post(f"/agents/{agent.pk}/publish", {})

    assert first.status_code == 200
    assert (first.json()["number"], first.json()["note"]) == (1, "First")
    assert first.json()["spec"]["agent_name"] == agent.name
    assert again.json() == first.json()
    versions = client.get(f"/agents/{agent.pk}/versions").json()["items"]
    assert [(one["number"], "spec" in one) for one in versions] == [(1, False)]
    assert client.get(f"/agents/{agent.pk}/versions/1").json() == first.json()
    assert client.get(f"/agents/{agent.pk}/versions/2").status_code == 404


def test_publishing_an_incomplete_draft_lists_what_is_missing(api, tenant, editor):
    needed = [{"name": "city", "description": "", "default": "", "required": True}]
    agent = AgentFactory(tenant=tenant, persona__variables=needed)

    response = api(editor).post(f"/agents/{agent.pk}/publish", {})

    assert (response.status_code, response.json()["code"]) == (409, "conflict")
    assert "city" in response.json()["errors"][0]["detail"]


def test_a_tool_is_given_listed_and_taken_away(api, tenant, editor):
    agent, tool = AgentFactory(tenant=tenant), ToolFactory(tenant=tenant)
    client, path = api(editor), f"/agents/{agent.pk}/tools"

    given = client.post(path, {"tool_id": str(tool.pk)})
    again = client.post(path, {"tool_id": str(tool.pk)})
    listed = client.get(path).json()["items"]
    taken = client.delete(f"{path}/{tool.pk}")

    assert (given.status_code, again.status_code, taken.status_code) == (201, 200, 204)
    assert given["Location"] == f"/api/v1{path}/{tool.pk}"
    assert [(one["id"], one["slug"]) for one in listed] == [(str(tool.pk), tool.slug)]
    assert client.delete(f"{path}/{tool.pk}").status_code == 404


def test_knowledge_is_given_listed_and_taken_away(api, tenant, editor):
    agent, source = AgentFactory(tenant=tenant), SourceFactory(tenant=tenant)
    client, path = api(editor), f"/agents/{agent.pk}/knowledge"

    given = client.post(path, {"knowledge_id": str(source.pk)})
    listed = client.get(path).json()["items"]
    taken = client.delete(f"{path}/{source.pk}")

    assert (given.status_code, taken.status_code) == (201, 204)
    assert [one["name"] for one in listed] == [source.name]
    assert client.get(path).json()["items"] == []


def test_deleting_needs_the_right_to_manage(api, tenant, editor, admin):
    agent = AgentFactory(tenant=tenant, published=True)

    assert api(editor).delete(f"/agents/{agent.pk}").status_code == 403
    assert api(admin).delete(f"/agents/{agent.pk}").status_code == 204
    assert api(admin).get(f"/agents/{agent.pk}").status_code == 404


def test_viewers_read_and_change_nothing(api, tenant, viewer):
    agent = AgentFactory(tenant=tenant)
    client = api(viewer)

    assert client.get(f"/agents/{agent.pk}").status_code == 200
    assert client.post("/agents", {"name": "A"}).status_code == 403
    assert client.patch(f"/agents/{agent.pk}", {"name": "A"}).status_code == 403
    assert client.post(f"/agents/{agent.pk}/publish", {}).status_code == 403


def test_another_tenants_agent_reads_like_none(api, other_tenant, owner):
    foreign = api(owner).get(f"/agents/{AgentFactory(tenant=other_tenant).pk}")
    unknown = api(owner).get(f"/agents/{UNKNOWN}")

    assert (foreign.status_code, unknown.status_code) == (404, 404)
    assert foreign.json()["detail"] == unknown.json()["detail"]
