"""The typed configuration of an agent that a run is started with.

A spec is complete in itself (persona and tools are embedded) and holds no secret: providers and
tools refer to theirs by id, so a published version can be read, kept and compared freely.
"""

from functools import lru_cache
from typing import Any, Literal
from uuid import UUID

from django.db.models import Exists, OuterRef, prefetch_related_objects
from pydantic import BaseModel, ConfigDict

from agents.models import DEFAULT_MODEL, Agent, AgentVersion
from knowledge.models import Source
from personas.models import Persona
from personas.snapshots import PersonaSnapshot
from personas.snapshots import snapshot as persona_snapshot
from tenants import activity
from tenants.access import Access
from tenants.models import Provider, Shareable
from tenants.noting import note_seen
from tools.models import Tool
from tools.snapshots import ToolSnapshot
from tools.snapshots import snapshot as tool_snapshot


class NotPublished(Exception):
    """The agent has no published version yet."""


class Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RouteSpec(Frozen):
    """One model that may answer. Without a provider it is the built-in Roster demo."""

    provider_id: UUID | None = None
    kind: Literal["demo", "openai", "compatible", "anthropic", "gemini"] = "demo"
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


# What two specs that run alike may differ in.
NUMBERS: Any = {"version": True, "persona": {"version"}, "tools": {"__all__": {"version"}}}


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
        """Whether both would run alike, whatever their version numbers and those inside."""
        return self.model_dump(exclude=NUMBERS) == other.model_dump(exclude=NUMBERS)


def draft_spec(agent: Agent) -> AgentSpec:
    """What the draft would run as, right now."""
    prefetch_related_objects([agent], "tool_links__tool", "source_links")
    tools = sorted((link.tool for link in agent.tool_links.all()), key=lambda tool: tool.slug)
    return AgentSpec(
        agent_id=agent.pk,
        agent_name=agent.name,
        description=agent.description,
        routes=(_route(agent), *_fallbacks(agent)),
        persona=persona_snapshot(agent.persona) if agent.persona else None,
        persona_values=agent.persona_values,
        tools=tuple(tool_snapshot(tool) for tool in tools),
        source_ids=tuple(sorted(link.source_id for link in agent.source_links.all())),
        limits=LimitsSpec.of(agent),
    )


def published_spec(agent: Agent) -> AgentSpec:
    """What the agent runs as for everybody; raises NotPublished before its first version."""
    if agent.published_version_id is None:
        raise NotPublished(f"{agent} has not been published yet.")
    return _spec_of(agent.published_version_id)


# Versions never change, so what was parsed once holds: a run pays neither query nor validation.
@lru_cache(maxsize=1024)
def _spec_of(version_id: UUID) -> AgentSpec:
    return AgentSpec.model_validate(AgentVersion.unscoped.get(pk=version_id).spec)


def _route(agent: Agent) -> RouteSpec:
    provider, model = agent.provider, agent.model
    if provider is None and model == DEFAULT_MODEL:
        provider = agent.tenant.default_provider
        model = agent.tenant.default_model or (provider.default_model if provider else "demo")
    if provider is None:
        return RouteSpec(model=model)
    return RouteSpec(provider_id=provider.pk, kind=provider.kind, model=model)


def _fallbacks(agent: Agent) -> list[RouteSpec]:
    """Who answers when the first route can't, in order; without those whose provider is gone."""
    ids = {UUID(kept["provider"]) for kept in agent.fallbacks if kept["provider"]}
    accounts = Provider.unscoped.filter(tenant_id=agent.tenant_id, pk__in=ids)
    kinds = dict(accounts.values_list("pk", "kind")) if ids else {}
    return [
        RouteSpec(provider_id=pk, kind=kinds[pk], model=kept["model"])
        if (pk := UUID(kept["provider"]) if kept["provider"] else None)
        else RouteSpec(model=kept["model"])
        for kept in agent.fallbacks
        if not kept["provider"] or UUID(kept["provider"]) in kinds
    ]


def disclosed(access: Access, *specs: AgentSpec) -> list[AgentSpec]:
    """The specs without the personas, tools and sources that are not for this person.

    What was deleted meanwhile stays, as a version is its only record; but what was restricted at
    any time is told to owners alone, here as in the activity log.
    """
    hidden = _hidden(access, specs)
    for model, ids in _mentioned(specs).items():
        note_seen(access, model, ids - hidden)
    return [_without(spec, hidden) for spec in specs]


def _hidden(access: Access, specs: tuple[AgentSpec, ...]) -> set[UUID]:
    mentioned = {model: ids for model, ids in _mentioned(specs).items() if ids}
    there = [
        model.unscoped.filter(tenant=access.tenant, pk__in=ids)
        .annotate(is_seen=Exists(access.visible(model).filter(pk=OuterRef("pk"))))
        .values_list("pk", "is_seen")
        for model, ids in mentioned.items()
    ]
    seen: dict[UUID, bool] = dict(there[0].union(*there[1:])) if there else {}
    hidden = {pk for pk, is_seen in seen.items() if not is_seen}
    for model, ids in mentioned.items():
        hidden |= activity.withheld(access, model, ids - seen.keys())
    return hidden


def _mentioned(specs: tuple[AgentSpec, ...]) -> dict[type[Shareable], set[UUID]]:
    return {
        Tool: {tool.tool_id for spec in specs for tool in spec.tools},
        Persona: {spec.persona.persona_id for spec in specs if spec.persona},
        Source: {source for spec in specs for source in spec.source_ids},
    }


def _without(spec: AgentSpec, hidden: set[UUID]) -> AgentSpec:
    seen: dict[str, Any] = {
        "tools": tuple(tool for tool in spec.tools if tool.tool_id not in hidden),
        "source_ids": tuple(source for source in spec.source_ids if source not in hidden),
    }
    if spec.persona and spec.persona.persona_id in hidden:
        seen |= {"persona": None, "persona_values": {}}
    return spec.model_copy(update=seen)
