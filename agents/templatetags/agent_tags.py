"""What the agents' templates ask."""

from __future__ import annotations

from django import template

from agents.models import Agent
from tenants.access import Access

register = template.Library()


@register.simple_tag
def may(access: Access, action: str, agent: Agent) -> bool:
    """Whether the action is allowed on this agent; agents.reading.opened() knows without asking."""
    known: bool | None = getattr(agent, f"may_{action}", None)
    return access.may_do(agent, action) if known is None else known
