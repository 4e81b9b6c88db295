"""Changing an agent's draft."""

from agents.models import Agent
from tenants.models import AuditEvent
from tests.agents.test_agent_create import FILLED
from tests.factories.agents import AgentFactory, AgentSourceFactory, AgentToolFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tools import ToolFactory


def url(agent):
    return f"/t/acme/agents/{agent.pk}/edit/"


def as_it_is(agent, **changes):
    kept = {"name": agent.name, "slug": agent.slug, "model": agent.model}
    return FILLED | kept | {"persona": agent.persona_id or "", "version": agent.version} | changes


def test_the_form_shows_what_is_saved(page, tenant, editor):
    agent = AgentFactory(tenant=tenant, persona_values={"company": "Globex"})
    link = AgentToolFactory(tenant=tenant, agent=agent)

    body = page(editor).get(url(agent)).content.decode()

    assert 'value="Globex"' in body
    assert link.tool.description in body
    assert body.count("checked") == 1


def test_saving_changes_the_draft_and_counts_its_version(page, tenant, editor):
    agent = AgentFactory(tenant=tenant)

    response = page(editor).post(url(agent), as_it_is(agent, description="New words"))

    assert response.status_code == 302
    agent.refresh_from_db()
    assert (agent.description, agent.version) == ("New words", 2)


def test_the_change_is_on_record_field_by_field(page, tenant, editor):
    agent = AgentFactory(tenant=tenant, persona=None, description="Old")
    tool = ToolFactory(tenant=tenant, name="Look up")

    page(editor).post(url(agent), as_it_is(agent, description="New", tools=[tool.pk]))

    event = AuditEvent.unscoped.get(action="agent.updated")
    assert event.changes == {"description": ["Old", "New"], "tools": [[], [str(tool.pk)]]}


def test_a_persona_that_the_editor_may_not_see_stays_with_its_values(page, tenant, editor):
    values = {"company": "Globex"}
    hidden = PersonaFactory(tenant=tenant, is_restricted=True)
    agent = AgentFactory(tenant=tenant, persona=hidden, persona_values=values)

    form = page(editor).get(url(agent)).content.decode()
    sent = as_it_is(agent, persona="", description="New")
    response = page(editor).post(url(agent), {k: v for k, v in sent.items() if k[:6] != "value_"})

    agent.refresh_from_db()
    assert (response.status_code, agent.description) == (302, "New")
    assert (agent.persona, agent.persona_values) == (hidden, values)
    assert "Globex" not in form


def test_another_persona_takes_the_place_of_one_that_the_editor_may_not_see(page, tenant, editor):
    hidden = PersonaFactory(tenant=tenant, is_restricted=True)
    agent = AgentFactory(tenant=tenant, persona=hidden, persona_values={"company": "Globex"})
    other = PersonaFactory(tenant=tenant)

    page(editor).post(url(agent), as_it_is(agent, persona=other.pk, value_company="Initech"))

    agent.refresh_from_db()
    assert (agent.persona, agent.persona_values) == (other, {"company": "Initech"})


def test_saving_without_a_change_leaves_no_trace(page, tenant, editor):
    agent = AgentFactory(tenant=tenant)

    page(editor).post(url(agent), as_it_is(agent))

    agent.refresh_from_db()
    assert agent.version == 1
    assert not AuditEvent.unscoped.filter(action="agent.updated").exists()


def test_tools_and_sources_are_taken_away_again(page, tenant, editor):
    agent = AgentToolFactory(tenant=tenant).agent
    AgentSourceFactory(tenant=tenant, agent=agent)

    page(editor).post(url(agent), as_it_is(agent))

    assert not agent.tool_links.exists()
    assert not agent.source_links.exists()


def test_tools_that_the_editor_can_not_see_stay(page, tenant, editor):
    agent = AgentFactory(tenant=tenant)
    hidden = AgentToolFactory(tenant=tenant, agent=agent, tool__is_restricted=True)

    page(editor).post(url(agent), as_it_is(agent, description="New"))

    assert [link.tool for link in agent.tool_links.all()] == [hidden.tool]


def test_a_save_that_met_a_newer_one_shows_both_and_loses_neither(page, tenant, editor):
    agent = AgentFactory(tenant=tenant, description="First")
    mine = as_it_is(agent, description="Mine")
    Agent.unscoped.filter(pk=agent.pk).update(description="Theirs", version=2)
    client = page(editor)

    refused = client.post(url(agent), mine)
    again = client.post(url(agent), mine | {"version": refused.context["form"].merge.version})

    assert refused.status_code == 422
    [part] = refused.context["form"].merge.parts
    assert (part.label, part.theirs, part.mine) == ("Description", "Theirs", "Mine")
    assert again.status_code == 302
    agent.refresh_from_db()
    assert agent.description == "Mine"


def test_another_persona_brings_other_values(page, tenant, editor):
    agent = AgentFactory(tenant=tenant, persona_values={"company": "Globex"})
    variable = {"name": "city", "description": "", "default": "", "required": True}
    other = PersonaFactory(tenant=tenant, variables=[variable])

    page(editor).post(url(agent), as_it_is(agent, persona=other.pk, value_city="Lyon"))

    agent.refresh_from_db()
    assert agent.persona_values == {"city": "Lyon"}


def test_viewers_see_no_form(page, tenant, viewer):
    agent = AgentFactory(tenant=tenant)

    assert page(viewer).get(url(agent)).status_code == 403


def test_another_tenants_agent_is_not_there(page, other_tenant, editor):
    agent = AgentFactory(tenant=other_tenant)

    assert page(editor).get(url(agent)).status_code == 404


def test_a_newer_choice_is_told_by_its_name(page, tenant, editor):
    agent = AgentFactory(tenant=tenant, persona__name="Patient explainer")
    mine = as_it_is(agent, persona="")
    Agent.unscoped.filter(pk=agent.pk).update(version=2)

    response = page(editor).post(url(agent), mine)

    [part] = response.context["form"].merge.parts
    assert part.theirs.startswith("Patient explainer")


def test_a_variable_may_have_any_name(page, tenant, viewer):
    variable = {"name": "items", "description": "", "default": "", "required": False}
    agent = AgentFactory(
        tenant=tenant, persona__variables=[variable], persona_values={"items": "tents"}
    )

    assert "tents" in page(viewer).get(f"/t/acme/agents/{agent.pk}/").content.decode()
