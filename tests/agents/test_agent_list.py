"""The list of agents."""

import pytest

from tests.factories.agents import AgentFactory, AgentSourceFactory, AgentToolFactory
from tests.factories.tools import ToolFactory

URL = "/t/acme/agents/"


def names(response):
    return [agent.name for agent in response.context["page"].rows]


def test_it_shows_each_agent_with_its_persona_model_and_state(page, tenant, viewer):
    agent = AgentFactory(tenant=tenant, name="Billing helper", persona__name="Patient explainer")

    body = page(viewer).get(URL).content.decode()

    assert "Billing helper" in body
    assert "Patient explainer" in body
    assert "Organisation’s default" in body
    assert f'data-href="/t/acme/agents/{agent.pk}/"' in body
    assert 'data-status="draft"' in body


def test_it_offers_a_first_agent_to_those_who_may_make_one(page, tenant, editor, viewer):
    assert "Create the first agent" in page(editor).get(URL).content.decode()
    assert "Create the first agent" not in page(viewer).get(URL).content.decode()


@pytest.mark.parametrize("words", ["billing", "invoices", "gpt-9", "explainer", "Look up"])
def test_searching_reads_name_description_model_persona_and_tools(page, tenant, viewer, words):
    agent = AgentFactory(
        tenant=tenant,
        name="Billing helper",
        description="About invoices",
        model="gpt-9",
        persona__name="Patient explainer",
    )
    AgentToolFactory(tenant=tenant, agent=agent, tool=ToolFactory(tenant=tenant, name="Look up"))
    AgentFactory(tenant=tenant, name="Other", persona=None)

    response = page(viewer).get(URL, {"q": words})

    assert names(response) == ["Billing helper"]


def test_a_status_narrows_the_list(page, tenant, viewer):
    AgentFactory(tenant=tenant, name="Drafted")
    AgentFactory(tenant=tenant, name="Live one", published=True)
    ahead = AgentFactory(tenant=tenant, name="Moved on", published=True)
    ahead.persona.save()

    client = page(viewer)

    assert names(client.get(URL, {"status": "draft"})) == ["Drafted"]
    assert names(client.get(URL, {"status": "live"})) == ["Live one"]
    assert names(client.get(URL, {"status": "draft_ahead"})) == ["Moved on"]


def test_a_model_or_a_source_narrows_the_list(page, tenant, viewer):
    AgentFactory(tenant=tenant, name="Big", model="big-1")
    link = AgentSourceFactory(tenant=tenant, agent__name="Reader", agent__model="small-1")

    client = page(viewer)

    assert names(client.get(URL, {"model": "big-1"})) == ["Big"]
    assert names(client.get(URL, {"source": link.source.pk})) == ["Reader"]


def test_a_filter_outside_the_closed_list_is_ignored(page, tenant, viewer):
    AgentFactory(tenant=tenant, name="Only")

    response = page(viewer).get(URL, {"status": "nonsense", "source": "1"})

    assert names(response) == ["Only"]


def test_nothing_found_says_so_and_leads_back(page, tenant, viewer):
    AgentFactory(tenant=tenant)

    body = page(viewer).get(URL, {"q": "zebra"}).content.decode()

    assert "No agent fits" in body


def test_it_pages_by_key_in_the_order_that_was_asked(page, tenant, viewer):
    for number in range(52):
        AgentFactory(tenant=tenant, name=f"Agent {number:02}", persona=None)

    first = page(viewer).get(URL, {"sort": "name"})
    second = page(viewer).get(first.context["page"].next_url)

    assert names(first)[0] == "Agent 00"
    assert names(second) == ["Agent 50", "Agent 51"]


def test_htmx_gets_the_results_alone(page, tenant, viewer):
    AgentFactory(tenant=tenant, name="Only")

    response = page(viewer).get(URL, headers={"HX-Request": "true"})

    assert b"Only" in response.content
    assert b"<html" not in response.content


def test_restricted_agents_are_not_listed(page, tenant, viewer, owner):
    AgentFactory(tenant=tenant, name="Secret plan", is_restricted=True)

    assert names(page(viewer).get(URL)) == []
    assert names(page(owner).get(URL)) == ["Secret plan"]


def test_a_full_list_costs_as_many_queries_as_a_short_one(
    page, tenant, viewer, django_assert_max_num_queries
):
    for _ in range(10):
        AgentToolFactory(tenant=tenant)
    client = page(viewer)

    with django_assert_max_num_queries(8):
        client.get(URL)
