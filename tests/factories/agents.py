"""Agents, what they are assigned, and published versions."""

import factory
from django.utils import timezone

from agents import specs
from agents.models import Agent, AgentSource, AgentTool, AgentVersion
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import OwnedFactory
from tests.factories.tools import ToolFactory


class AgentFactory(OwnedFactory):
    """A draft with a persona; `published=True` publishes it as it is."""

    class Meta:
        model = Agent
        skip_postgeneration_save = True

    name = factory.Sequence(lambda n: f"Agent {n}")
    slug = factory.Sequence(lambda n: f"agent-{n}")
    persona = factory.SubFactory(PersonaFactory, tenant=factory.SelfAttribute("..tenant"))

    @factory.post_generation
    def published(agent, create, wanted, **kwargs):
        if wanted:
            publish(agent)


class AgentToolFactory(OwnedFactory):
    class Meta:
        model = AgentTool

    agent = factory.SubFactory(AgentFactory, tenant=factory.SelfAttribute("..tenant"))
    tool = factory.SubFactory(ToolFactory, tenant=factory.SelfAttribute("..tenant"))


class AgentSourceFactory(OwnedFactory):
    class Meta:
        model = AgentSource

    agent = factory.SubFactory(AgentFactory, tenant=factory.SelfAttribute("..tenant"))
    source = factory.SubFactory(SourceFactory, tenant=factory.SelfAttribute("..tenant"))


class AgentVersionFactory(OwnedFactory):
    class Meta:
        model = AgentVersion

    agent = factory.SubFactory(AgentFactory, tenant=factory.SelfAttribute("..tenant"))
    number = 1

    @factory.lazy_attribute
    def spec(self):
        draft = specs.draft_spec(self.agent)
        return draft.model_copy(update={"version": self.number}).model_dump(mode="json")


def publish(agent):
    """A published version of the agent as it is now, without asking who may."""
    number = agent.versions.count() + 1
    version = AgentVersionFactory(tenant=agent.tenant, agent=agent, number=number)
    agent.published_version, agent.published_at = version, timezone.now()
    agent.save(update_fields=["published_version", "published_at"])
    return version
