"""GET /audit-events."""

import pytest

from tenants import audit
from tenants.models import ApiKey
from tests.factories.agents import AgentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(tenant, access, editor):
    agent = AgentFactory(tenant=tenant, name="Billing helper")
    audit.record(access(editor), "agent.updated", agent, {"description": ["Old", "New"]})
    return agent


def actions(response):
    return [item["action"] for item in response.json()["items"]]


def test_an_event_is_told_in_full(api, owner, editor, agent):
    [item] = api(owner).get("/audit-events", {"what": "agent"}).json()["items"]

    assert item["actor"] == "Editor"
    assert item["actor_id"] == str(editor.pk)
    assert item["object_type"] == "agents.agent"
    assert item["object_id"] == str(agent.pk)
    assert item["changes"] == {"description": ["Old", "New"]}
    assert item["is_withheld"] is False
    assert len(item["hash"]) == 64


def test_what_is_withheld_is_told_as_such(api, admin, agent):
    agent.is_restricted = True
    agent.save()

    response = api(admin).get("/audit-events", {"what": "agent"})

    [item] = response.json()["items"]
    assert item["is_withheld"] is True
    assert (item["object_id"], item["object_label"], item["changes"]) == (None, None, None)
    assert str(agent.pk) not in response.content.decode()


def test_a_key_that_names_agents_reads_of_no_other(api, owner, agent, tenant):
    other = AgentFactory(tenant=tenant)
    client = api(owner)
    ApiKey.unscoped.update(agent_ids=[other.pk])

    [item] = client.get("/audit-events", {"what": "agent"}).json()["items"]

    assert item["is_withheld"] is True


def test_filters_are_those_of_the_page(api, owner, editor, agent):
    client = api(owner)
    moment = client.get("/audit-events", {"what": "agent"}).json()["items"][0]["created_at"]

    assert actions(client.get("/audit-events", {"who": f"person:{editor.pk}"})) == ["agent.updated"]
    assert actions(client.get("/audit-events", {"object": f"agents.agent:{agent.pk}"}))
    assert actions(client.get("/audit-events", {"q": "billing"})) == ["agent.updated"]
    assert "agent.updated" in actions(client.get("/audit-events", {"since": moment}))
    assert "agent.updated" not in actions(client.get("/audit-events", {"until": moment}))


@pytest.mark.parametrize(
    "query",
    [
        {"who": "somebody"}, {"who": "person:1"}, {"what": "Agent!"}, {"object": "agent"},
        {"since": "yesterday"}, {"since": "2026-11-02T09:00:00"}, {"sort": "hash"},
        {"q": "x" * 201},
        {"cursor": "nonsense"}, {"limit": "201"}, {"q": "\x00"},
    ],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused(api, owner, query):
    response = api(owner).get("/audit-events", query)

    assert response.status_code == 422
    assert response.json()["code"]


def test_pages_follow_by_cursor(api, owner, access):
    for _ in range(5):
        audit.record(access(owner), "thing.done")
    client, numbers, cursor = api(owner), [], ""

    while cursor is not None:
        query = {"limit": 2, "what": "thing"} | ({"cursor": cursor} if cursor else {})
        answer = client.get("/audit-events", query).json()
        numbers += [item["number"] for item in answer["items"]]
        cursor = answer["next_cursor"]

    assert len(numbers) == 5
    assert numbers == sorted(numbers, reverse=True)


def test_without_the_scope_it_is_refused(api, owner, editor, agent):
    assert api(owner, "view_agents").get("/audit-events").status_code == 403
    assert api(editor).get("/audit-events").status_code == 403
    assert api().get("/audit-events").status_code == 401
