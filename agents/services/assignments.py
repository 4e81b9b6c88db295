"""Giving an agent tools and sources, and taking them away."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agents.models import Agent
from agents.services.drafts import locked, update_agent
from knowledge.models import Source
from tenants import audit
from tenants.access import Access
from tools.models import Tool


def set_tools(access: Access, agent: Agent, tools: Iterable[Tool]) -> Agent:
    """Let the agent have these tools and no others."""
    return update_agent(access, agent, tools=tools)


def set_sources(access: Access, agent: Agent, sources: Iterable[Source]) -> Agent:
    """Let the agent answer from these sources and no others."""
    return update_agent(access, agent, sources=sources)


@audit.atomic()
def assign(access: Access, agent: Agent, used: Tool | Source) -> bool:
    """Give the agent a tool or a source. False where it had it already."""
    present = _present(locked(agent), used)
    if used in present:
        return False
    _put(access, agent, used, [*present, used])
    return True


@audit.atomic()
def unassign(access: Access, agent: Agent, used: Tool | Source) -> bool:
    """Take a tool or a source away. False where the agent did not have it."""
    present = _present(locked(agent), used)
    if used not in present:
        return False
    _put(access, agent, used, [row for row in present if row != used])
    return True


def _present(agent: Agent, used: Tool | Source) -> list[Any]:
    return list(type(used).unscoped.filter(agent_links__agent=agent))


def _put(access: Access, agent: Agent, used: Tool | Source, rows: list[Any]) -> None:
    if isinstance(used, Tool):
        update_agent(access, agent, tools=rows)
    else:
        update_agent(access, agent, sources=rows)
