"""An agent with all that its pages say of it, in as few queries as that takes."""

from __future__ import annotations

from typing import Any, cast

from django.db.models import Exists, OuterRef, Prefetch, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from agents.models import Agent, AgentQuerySet, AgentSource, AgentTool
from knowledge.models import Source
from personas.models import Persona
from tenants.access import Access
from tenants.models import TenantOwned
from tools.models import Tool

ACTIONS = ("run", "change", "publish", "manage")


def visible_agents(access: Access) -> AgentQuerySet:
    """The agents that this person may see, with the registry's own query set."""
    return cast("AgentQuerySet", access.visible(Agent))


def with_persona_name(access: Access, agents: AgentQuerySet) -> AgentQuerySet:
    """Annotate `persona_name`, where this person may see the persona."""
    seen = access.visible(Persona).filter(pk=OuterRef("persona"))
    return agents.annotate(persona_name=Coalesce(Subquery(seen.values("name")), Value("")))


def with_columns(access: Access, agents: AgentQuerySet) -> AgentQuerySet:
    """What a list tells of each agent: what it is made of, who answers, and its version."""
    told = with_persona_name(access, agents.with_links(access))
    return told.select_related("provider", "published_version").defer("published_version__spec")


def opened(access: Access, agent: Agent) -> Agent:
    """The agent as `headed`, with its links to tools and sources.

    The links carry `is_seen`: whether this person may see what they lead to.
    """
    return (
        _with_head(access)
        .prefetch_related(
            Prefetch("tool_links", _links(access, AgentTool, "tool", Tool)),
            Prefetch("source_links", _links(access, AgentSource, "source", Source)),
        )
        .get(pk=agent.pk)
    )


def headed(access: Access, agent: Agent) -> Agent:
    """The agent with its status, relations, and `may_run`, `may_change`, … of this person.

    `persona_name` is empty for a persona that this person may not see.
    """
    return _with_head(access).get(pk=agent.pk)


def _with_head(access: Access) -> AgentQuerySet:
    may = {
        f"may_{action}": Exists(access.visible(Agent, action).filter(pk=OuterRef("pk")))
        for action in ACTIONS
    }
    return (
        with_persona_name(access, visible_agents(access))
        .with_status()
        .annotate(**may)
        .select_related("persona", "provider", "published_version", "created_by")
        .defer("published_version__spec")
    )


def _links(
    access: Access, link: type[TenantOwned], role: str, model: type[TenantOwned]
) -> QuerySet[Any]:
    seen = Exists(access.visible(model).filter(pk=OuterRef(role)))
    rows = link.unscoped.select_related(role).annotate(is_seen=seen)
    return rows.order_by(f"{role}__name")
