"""What deleting a persona, a tool or a source asks of the agents that use it."""

import pytest

from agents import services
from agents.models import Agent
from tenants import usage
from tests.factories.agents import AgentFactory, AgentSourceFactory, AgentToolFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tools import ToolFactory


@pytest.fixture
def used(tenant):
    """An agent with the three things that it uses."""
    agent = AgentToolFactory(tenant=tenant).agent
    AgentSourceFactory(tenant=tenant, agent=agent)
    return agent, [agent.persona, agent.tool_links.get().tool, agent.source_links.get().source]


def test_what_an_agent_uses_is_known_to_be_in_use(access, admin, used):
    agent, things = used

    for thing in things:
        assert usage.users_of(access(admin), thing) == [agent]
        with pytest.raises(usage.InUse) as refused:
            usage.free(access(admin), thing, force=False)
        assert (refused.value.users, refused.value.hidden) == ([agent], 0)


def test_users_that_may_not_be_seen_are_only_counted(access, admin, tenant):
    link = AgentToolFactory(tenant=tenant, agent__is_restricted=True)

    with pytest.raises(usage.InUse) as refused:
        usage.free(access(admin), link.tool, force=False)

    assert (refused.value.users, refused.value.hidden) == ([], 1)


def test_by_force_the_agents_are_freed_of_it(access, admin, used):
    agent, things = used

    for thing in things:
        usage.free(access(admin), thing, force=True)
        thing.delete()

    agent.refresh_from_db()
    assert agent.persona is None
    assert (agent.tool_links.count(), agent.source_links.count()) == (0, 0)
    assert agent.version == 4


def test_assigning_twice_is_harmless(access, editor, used):
    agent, [_, tool, source] = used

    assert not services.assign(access(editor), agent, tool)
    assert not services.assign(access(editor), agent, source)
    agent.refresh_from_db()
    assert agent.version == 1


def test_sets_are_replaced_as_a_whole(access, editor, tenant, used):
    agent, _ = used
    other = AgentToolFactory(tenant=tenant).tool

    services.set_tools(access(editor), agent, [other])
    services.set_sources(access(editor), agent, [])

    assert [link.tool for link in agent.tool_links.all()] == [other]
    assert not agent.source_links.exists()


def test_an_agent_that_was_never_shown_says_its_own_state(tenant):
    assert AgentFactory(tenant=tenant, published=True).status == "live"
    assert AgentFactory(tenant=tenant).status == "draft"


@pytest.mark.parametrize("area", ["tools", "personas", "knowledge"])
def test_what_is_deleted_leaves_an_agent_whose_name_is_older_than_its_rule(
    page, owner, tenant, area
):
    factory = {"tools": ToolFactory, "personas": PersonaFactory, "knowledge": SourceFactory}[area]
    row = factory(tenant=tenant)
    agent = AgentFactory(tenant=tenant, persona=row if area == "personas" else None)
    if area == "tools":
        AgentToolFactory(tenant=tenant, agent=agent, tool=row)
    elif area == "knowledge":
        AgentSourceFactory(tenant=tenant, agent=agent, source=row)
    Agent.unscoped.update(name="Clerk\u200e")

    answer = page(owner).post(f"/t/acme/{area}/{row.pk}/delete/", {"force": "on"})

    assert answer.status_code == 302
    assert not type(row).unscoped.filter(pk=row.pk).exists()
