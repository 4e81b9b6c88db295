"""Putting back what an agent used: its persona, its tools, its sources."""

import pytest

from agents import services
from tenants.models import AuditEvent
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tools import ToolFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(tenant):
    return AgentFactory(tenant=tenant, persona=PersonaFactory(tenant=tenant, name="Ada"))


@pytest.fixture
def restoring(page, owner):
    """Put one value of the last event about the agent back."""

    def restore(agent, field, by=owner):
        event = AuditEvent.unscoped.filter(object_id=agent.pk).latest("number")
        answer = page(by).post(f"{event.get_absolute_url()}restore/{field}/")
        agent.refresh_from_db()
        return answer

    return restore


def test_an_agent_gets_its_persona_tools_and_sources_back(
    restoring, access, owner, editor, agent, tenant
):
    tool, source = ToolFactory(tenant=tenant), SourceFactory(tenant=tenant)
    persona = agent.persona
    services.update_agent(access(editor), agent, tools=[tool], sources=[source])
    for changed, emptied in (("persona", None), ("tools", []), ("sources", [])):
        services.update_agent(access(editor), agent, **{changed: emptied})
        assert restoring(agent, changed).status_code == 302, changed

    assert agent.persona == persona
    assert agent.tool_links.get().tool == tool
    assert agent.source_links.get().source == source
    last = AuditEvent.unscoped.latest("number")
    assert (last.actor, last.changes) == (owner, {"sources": [[], [str(source.pk)]]})


def test_what_is_no_more_or_switched_off_is_not_given_back(
    restoring, access, editor, agent, tenant
):
    tool, persona = ToolFactory(tenant=tenant), agent.persona
    services.update_agent(access(editor), agent, tools=[tool])
    services.update_agent(access(editor), agent, persona=None, tools=[])
    persona.is_active = False
    persona.save()
    tool.delete()

    refused = {name: restoring(agent, name) for name in ("persona", "tools")}

    assert {name: answer.status_code for name, answer in refused.items()} == {
        "persona": 422,
        "tools": 422,
    }
    assert "“Ada” is switched off" in refused["persona"].content.decode()
    assert "is no more, or that isn’t shared with you" in refused["tools"].content.decode()
    assert (agent.persona, agent.tool_links.count()) == (None, 0)


def test_what_somebody_may_not_see_they_do_not_put_back(
    restoring, access, owner, admin, agent, tenant
):
    hidden = ToolFactory(tenant=tenant, name="Vault opener", is_restricted=True)
    services.update_agent(access(owner), agent, tools=[hidden])
    services.update_agent(access(owner), agent, tools=[])

    answer = restoring(agent, "tools", admin)

    assert answer.status_code == 422
    assert "Vault" not in answer.content.decode()
    assert agent.tool_links.count() == 0
