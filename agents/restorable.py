"""What of an agent's draft can be put back, its persona, provider, tools and sources among it."""

from __future__ import annotations

from typing import Any

from agents import services
from agents.models import DRAFT_FIELDS, Agent
from knowledge.models import Source
from personas.models import Persona
from tenants import restoring
from tenants.access import Access
from tenants.restoring import NO_MORE, NotRestorable, Restorable
from tools.models import Tool

SETS: dict[str, type[Tool | Source]] = {"tools": Tool, "sources": Source}


class AgentValues(Restorable):
    """Tools and sources are sets of other rows; what somebody may not see they can't put back."""

    def present(self, row: Any, name: str) -> Any:
        return _used(row, name) if name in SETS else getattr(row, name)

    def earlier(self, access: Access, row: Any, name: str, told: Any) -> Any:
        if name not in SETS:
            return super().earlier(access, row, name, told)
        wanted, present = set(told), {str(used.pk) for used in _used(row, name)}
        changed = wanted ^ present  # what stays need not be seen
        if access.visible(SETS[name]).filter(pk__in=changed).count() < len(changed):
            raise NotRestorable(NO_MORE)
        return frozenset(SETS[name].unscoped.filter(tenant=access.tenant, pk__in=wanted))

    def other(self, access: Access, model: Any, pk: str) -> Any:
        found = super().other(access, model, pk)
        if isinstance(found, Persona) and not found.is_active:
            raise NotRestorable(f"The persona “{found}” is switched off, so no agent is given it.")
        return found


def declare() -> None:
    """Called when the apps are ready."""
    fields = (*DRAFT_FIELDS, *SETS)
    restoring.declare(AgentValues(Agent, fields, services.update_agent))


def _used(agent: Agent, name: str) -> frozenset[Any]:
    return frozenset(SETS[name].unscoped.filter(agent_links__agent=agent))
