"""The typed configuration of an agent that a run is started with.

A spec is complete in itself (persona and tools are embedded) and holds no secret: providers and
tools refer to theirs by id, so a published version can be read, kept and compared freely.
"""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from agents.models import Agent
from personas.snapshots import PersonaSnapshot
from personas.snapshots import snapshot as persona_snapshot
from tools.snapshots import ToolSnapshot
from tools.snapshots import snapshot as tool_snapshot


class NotPublished(Exception):
    """The agent has no published version yet."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RouteSpec(Frozen):
    """One model that may answer. Without a provider it is the built-in Roster demo."""

    provider_id: UUID | None = None
    kind: Literal["demo", "openai"] = "demo"
    model: str = "demo"


class LimitsSpec(Frozen):
    max_steps: int = 8
    max_tool_calls: int = 8
    max_output_tokens: int = 1024
    timeout_seconds: int = 120
    retrieve_k: int = 8
    temperature: float | None = None

    @classmethod
    def of(cls, agent: Agent) -> "LimitsSpec":
        return cls(**{name: getattr(agent, name) for name in cls.model_fields})


class AgentSpec(Frozen):
    agent_id: UUID
    agent_name: str
    description: str = ""
    version: int | None = None  # none: a draft, in the test console
    routes: tuple[RouteSpec, ...] = (RouteSpec(),)
    persona: PersonaSnapshot | None = None
    persona_values: dict[str, str] = {}
    tools: tuple[ToolSnapshot, ...] = ()
    source_ids: tuple[UUID, ...] = ()
    limits: LimitsSpec = LimitsSpec()

    def is_same_as(self, other: "AgentSpec") -> bool:
        """Whether both would run alike, whatever their version numbers."""
        return self.model_copy(update={"version": other.version}) == other


def draft_spec(agent: Agent) -> AgentSpec:
    """What the draft would run as, right now."""
    return AgentSpec(
        agent_id=agent.pk,
        agent_name=agent.name,
        description=agent.description,
        routes=(_route(agent),),
        persona=persona_snapshot(agent.persona) if agent.persona else None,
        persona_values=agent.persona_values,
        tools=tuple(_tools(agent)),
        source_ids=tuple(sorted(agent.source_links.values_list("source_id", flat=True))),
        limits=LimitsSpec.of(agent),
    )


def published_spec(agent: Agent) -> AgentSpec:
    """What the agent runs as for everybody; raises NotPublished before its first version."""
    if agent.published_version is None:
        raise NotPublished(f"{agent} has not been published yet.")
    return AgentSpec.model_validate(agent.published_version.spec)


def _route(agent: Agent) -> RouteSpec:
    if agent.provider is None:
        return RouteSpec(model=agent.model)
    return RouteSpec(provider_id=agent.provider.pk, kind=agent.provider.kind, model=agent.model)


def _tools(agent: Agent) -> list[ToolSnapshot]:
    links = agent.tool_links.select_related("tool").order_by("tool__slug")
    return [tool_snapshot(link.tool) for link in links]
