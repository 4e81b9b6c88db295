"""Agents as users of personas, tools and sources: what their deletion has to ask about."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

from django.db.models import QuerySet

from agents import services
from agents.models import Agent
from knowledge.models import Source
from personas.models import Persona
from tenants import usage
from tenants.access import Access
from tools.models import Tool


def declare() -> None:
    """Called once, when the apps are ready."""
    by_persona = _pairs("persona")
    usage.declare(Persona, find=_with_persona, detach=_without_persona, pairs=by_persona)
    by_tool = _pairs("tool_links__tool")
    usage.declare(Tool, find=_with_tool, detach=_without_tool, pairs=by_tool)
    by_source = _pairs("source_links__source")
    usage.declare(Source, find=_with_source, detach=_without_source, pairs=by_source)


def _pairs(path: str) -> Callable[[Sequence[UUID]], Iterable[tuple[UUID, UUID]]]:
    """Which of these is used by which agents."""

    def find(ids: Sequence[UUID]) -> Iterable[tuple[UUID, UUID]]:
        return Agent.unscoped.filter(**{f"{path}__in": ids}).values_list(path, "pk")

    return find


def _with_persona(persona: Persona) -> QuerySet[Agent]:
    return Agent.unscoped.filter(persona=persona)


def _with_tool(tool: Tool) -> QuerySet[Agent]:
    return Agent.unscoped.filter(tool_links__tool=tool)


def _with_source(source: Source) -> QuerySet[Agent]:
    return Agent.unscoped.filter(source_links__source=source)


def _without_persona(access: Access, agent: Agent, persona: Persona) -> None:
    services.update_agent(access, agent, persona=None, persona_values={})


def _without_tool(access: Access, agent: Agent, tool: Tool) -> None:
    services.unassign(access, agent, tool)


def _without_source(access: Access, agent: Agent, source: Source) -> None:
    services.unassign(access, agent, source)
