"""Making, changing and deleting drafts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import slugify

from agents.models import DRAFT_FIELDS, MOST_FALLBACKS, Agent, AgentSource, AgentTool
from knowledge.models import Source
from tenants import audit
from tenants.access import Access
from tenants.models import Provider, TenantOwned
from tenants.versions import require_version
from tools.models import Tool


@audit.atomic()
def create_agent(
    access: Access,
    *,
    name: str,
    tools: Iterable[Tool] = (),
    sources: Iterable[Source] = (),
    **fields: Any,
) -> Agent:
    """A new draft. Raises ValidationError where a field is not right or the name is taken."""
    agent = Agent(tenant=access.tenant, created_by=access.user, name=name, **fields)
    agent.slug = agent.slug or free_slug(access, name)
    _check_fallbacks(access, agent.fallbacks)
    agent.full_clean()
    access.add(agent)
    for tool in tools:
        access.add(AgentTool(agent=agent, tool=tool))
    for source in sources:
        access.add(AgentSource(agent=agent, source=source))
    audit.record(access, "agent.created", agent)
    return agent


@audit.atomic()
def update_agent(
    access: Access,
    agent: Agent,
    *,
    expected_version: int | None = None,
    tools: Iterable[Tool] | None = None,
    sources: Iterable[Source] | None = None,
    **changes: Any,
) -> Agent:
    """Change the draft: fields by name, and the whole set of tools or sources where given.

    Raises VersionMoved when `expected_version` is no longer the agent's version, and
    ValidationError. A call that changes nothing leaves no trace.
    """
    agent = locked(agent)
    require_version(agent, expected_version)
    before = _state(agent)
    if "fallbacks" in changes:
        _check_fallbacks(access, changes["fallbacks"])
    for field, value in changes.items():
        setattr(agent, field, value)
    agent.slug = agent.slug or free_slug(access, agent.name)
    # What was there before a rule for it is nobody's fault who changes something else.
    agent.full_clean(exclude=set() if "name" in changes else {"name"})
    if tools is not None:
        _assign(access, AgentTool, agent, "tool", tools)
    if sources is not None:
        _assign(access, AgentSource, agent, "source", sources)
    _save_if_changed(access, agent, before)
    return agent


@audit.atomic()
def delete_agent(access: Access, agent: Agent) -> None:
    """Delete the agent with its versions."""
    agent = locked(agent)
    audit.record(access, "agent.deleted", agent)
    agent.delete()


def free_slug(access: Access, name: str) -> str:
    """An identifier made of the name, that no other agent of the tenant has."""
    stem = slugify(name)[:58].strip("-") or "agent"
    taken = set(
        Agent.unscoped.filter(tenant=access.tenant, slug__startswith=stem).values_list(
            "slug", flat=True
        )
    )
    numbered = (f"{stem}-{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)


def _check_fallbacks(access: Access, fallbacks: Any) -> None:
    """Raises ValidationError, also for a provider that this person may not see."""
    if not isinstance(fallbacks, list) or not all(_is_fallback(one) for one in fallbacks):
        raise ValidationError({"fallbacks": "Each names a provider, or none, and a model."})
    if len(fallbacks) > MOST_FALLBACKS:
        raise ValidationError({"fallbacks": f"At most {MOST_FALLBACKS}, one after the other."})
    ids = {one["provider"] for one in fallbacks if one["provider"]}
    if ids and access.visible(Provider).filter(pk__in=ids).count() < len(ids):
        raise ValidationError({"fallbacks": "There is no such provider."})


def _is_fallback(told: Any) -> bool:
    if not isinstance(told, dict) or told.keys() != {"provider", "model"}:
        return False
    is_named = isinstance(told["model"], str) and 0 < len(told["model"]) <= 120
    return is_named and (told["provider"] is None or is_uuid(told["provider"]))


def is_uuid(text: Any) -> bool:
    """Whether this text is an id."""
    try:
        UUID(str(text))
    except ValueError:
        return False
    return True


def locked(agent: Agent) -> Agent:
    """The agent as it is now, which nobody else can change before this transaction ends."""
    return Agent.unscoped.select_for_update().get(pk=agent.pk)


def _assign(
    access: Access,
    link: type[Any],
    agent: Agent,
    role: str,
    wanted: Iterable[TenantOwned],
) -> None:
    """Make the links be to the wanted rows.

    What this person can't see stays: their list of choices did not offer it.
    """
    by_id = {row.pk: row for row in wanted}
    links = link.unscoped.filter(agent=agent)
    model: type[Any] = {"tool": Tool, "source": Source}[role]
    offered = links.filter(**{f"{role}__in": access.visible(model)})
    offered.exclude(**{f"{role}__in": by_id}).delete()
    for pk in by_id.keys() - set(links.values_list(f"{role}_id", flat=True)):
        access.add(link(agent=agent, **{role: by_id[pk]}))


def _state(agent: Agent) -> dict[str, Any]:
    """What the audit log compares: each field of the draft; other rows by id.

    A name would be told to whoever reads of the agent, an id to nobody who may not see the row.
    """
    state = {name: getattr(agent, name) for name in DRAFT_FIELDS}
    state |= {name: str(row.pk) for name, row in state.items() if isinstance(row, TenantOwned)}
    state["tools"] = sorted(str(pk) for pk in agent.tool_links.values_list("tool", flat=True))
    state["sources"] = sorted(str(pk) for pk in agent.source_links.values_list("source", flat=True))
    return state


def _save_if_changed(access: Access, agent: Agent, before: dict[str, Any]) -> None:
    after = _state(agent)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        agent.version += 1
        agent.changed_at = timezone.now()
        agent.save()
        audit.record(access, "agent.updated", agent, changes)
