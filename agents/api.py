"""The registry's API: agents, publishing, versions, and what agents are assigned."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import F, QuerySet
from django.http import Http404, HttpResponse
from ninja import Query, Status

from agents import services
from agents.models import DEFAULT_MODEL, Agent, AgentQuerySet, AgentVersion
from agents.publishing import Incomplete
from agents.reading import visible_agents
from agents.schemas import (
    ORDER,
    AgentChanges,
    AgentFilters,
    AgentIn,
    AgentOut,
    AssignedKnowledge,
    AssignedTool,
    KnowledgeAssignment,
    PublishIn,
    ToolAssignment,
    VersionOut,
    VersionSummaryOut,
)
from knowledge.models import Source
from personas.models import Persona
from tenants.access import Access
from tenants.api import ApiRequest, IfMatch, Problems, Router, created
from tenants.models import Provider, TenantOwned
from tenants.noting import note_seen
from tenants.problems import Problem
from tenants.schemas import ProblemOut
from tenants.sharing_api import add_sharing
from tenants.versions import from_if_match
from tools.models import Tool

router = Router(tags=["agents"])
add_sharing(router, Agent, "agent_id")


# ── Agents ────────────────────────────────────────────────────────────────────────────────────


@router.get("", response={200: list[AgentOut], **Problems}, summary="List agents")
def list_agents(request: ApiRequest, filters: Query[AgentFilters]) -> QuerySet[Agent]:
    """The agents that this key may see, newest first unless sorted otherwise."""
    if filters.source_id:
        request.auth.get(Source, filters.source_id)
    sign, name = ("-", filters.sort[1:]) if filters.sort[0] == "-" else ("", filters.sort)
    found = filters.narrow(request.auth, visible_agents(request.auth))
    return _told(request.auth, found).order_by(f"{sign}{ORDER[name]}")


@router.post("", response={201: AgentOut, **Problems}, summary="Create an agent")
def create_agent(request: ApiRequest, response: HttpResponse, payload: AgentIn) -> Status[Agent]:
    """A new draft. It answers outside the console once it is published."""
    request.auth.require("change_agents")
    agent = services.create_agent(request.auth, **_fields(request.auth, payload.model_dump()))
    created(response, f"/api/v1/agents/{agent.pk}")
    return Status(201, _read(request.auth, agent.pk))


@router.get("/{uuid:agent_id}", response={200: AgentOut, **Problems}, summary="Read an agent")
def get_agent(request: ApiRequest, agent_id: UUID) -> Agent:
    """One agent: its draft, and which version is published."""
    return _read(request.auth, agent_id)


@router.patch(
    "/{uuid:agent_id}",
    response={200: AgentOut, **Problems, 412: ProblemOut},
    summary="Change an agent",
)
def update_agent(
    request: ApiRequest, agent_id: UUID, payload: AgentChanges, if_match: IfMatch = None
) -> Agent:
    """Change the draft. With `If-Match: "<version>"`, only if nobody else changed it since."""
    access = request.auth
    agent = access.get(Agent, agent_id, "change")
    changes = _fields(access, payload.model_dump(exclude_unset=True), agent)
    services.update_agent(access, agent, expected_version=from_if_match(if_match), **changes)
    return _read(access, agent.pk)


@router.delete("/{uuid:agent_id}", response={204: None, **Problems}, summary="Delete an agent")
def delete_agent(request: ApiRequest, agent_id: UUID) -> Status[None]:
    """Delete the agent with its versions."""
    services.delete_agent(request.auth, request.auth.get(Agent, agent_id, "manage"))
    return Status(204, None)


# ── Versions ──────────────────────────────────────────────────────────────────────────────────


@router.post(
    "/{uuid:agent_id}/publish",
    response={200: VersionOut, **Problems, 409: ProblemOut},
    summary="Publish an agent",
)
def publish_agent(request: ApiRequest, agent_id: UUID, payload: PublishIn | None = None) -> Any:
    """Make the draft the version that everybody runs. Without a change since, that is the
    present version. 409 lists what the draft lacks."""
    agent = request.auth.get(Agent, agent_id, "publish")
    try:
        return services.publish_agent(request.auth, agent, payload.note if payload else "")
    except Incomplete as error:
        lacking = [{"pointer": "/", "detail": detail} for detail in error.problems]
        raise Problem(409, "conflict", "The draft is not complete.", errors=lacking) from error


@router.get(
    "/{uuid:agent_id}/versions",
    response={200: list[VersionSummaryOut], **Problems},
    summary="List an agent's versions",
)
def list_agent_versions(request: ApiRequest, agent_id: UUID) -> QuerySet[AgentVersion]:
    """What was published, newest first, without the configurations."""
    return _versions(request.auth, agent_id).order_by("-number").defer("spec")


@router.get(
    "/{uuid:agent_id}/versions/{int:number}",
    response={200: VersionOut, **Problems},
    summary="Read a version",
)
def get_agent_version(request: ApiRequest, agent_id: UUID, number: int) -> AgentVersion:
    """One published version with its whole configuration."""
    version = _versions(request.auth, agent_id).filter(number=number).first()
    if version is None:
        raise Http404("No such version.")
    return version


# ── What an agent is assigned ─────────────────────────────────────────────────────────────────


@router.get(
    "/{uuid:agent_id}/tools",
    response={200: list[AssignedTool], **Problems},
    summary="List an agent's tools",
)
def list_agent_tools(request: ApiRequest, agent_id: UUID) -> QuerySet[Tool]:
    """The tools that the draft may call, as far as this key may see them."""
    return _assigned(request.auth, Tool, agent_id)


@router.post(
    "/{uuid:agent_id}/tools",
    response={201: AssignedTool, 200: AssignedTool, **Problems},
    summary="Give an agent a tool",
)
def assign_tool(
    request: ApiRequest, response: HttpResponse, agent_id: UUID, payload: ToolAssignment
) -> Status[Tool]:
    """201 when it is new, 200 when the agent had it already."""
    agent = request.auth.get(Agent, agent_id, "change")
    return _assign(request.auth, response, agent, request.auth.get(Tool, payload.tool_id))


@router.delete(
    "/{uuid:agent_id}/tools/{uuid:tool_id}",
    response={204: None, **Problems},
    summary="Take a tool away",
)
def unassign_tool(request: ApiRequest, agent_id: UUID, tool_id: UUID) -> Status[None]:
    """404 where the agent does not have it."""
    agent = request.auth.get(Agent, agent_id, "change")
    return _unassign(request.auth, agent, request.auth.get(Tool, tool_id))


@router.get(
    "/{uuid:agent_id}/knowledge",
    response={200: list[AssignedKnowledge], **Problems},
    summary="List an agent's knowledge",
)
def list_agent_knowledge(request: ApiRequest, agent_id: UUID) -> QuerySet[Source]:
    """The sources that the draft answers from, as far as this key may see them."""
    return _assigned(request.auth, Source, agent_id)


@router.post(
    "/{uuid:agent_id}/knowledge",
    response={201: AssignedKnowledge, 200: AssignedKnowledge, **Problems},
    summary="Give an agent a source",
)
def assign_knowledge(
    request: ApiRequest, response: HttpResponse, agent_id: UUID, payload: KnowledgeAssignment
) -> Status[Source]:
    """201 when it is new, 200 when the agent had it already."""
    agent = request.auth.get(Agent, agent_id, "change")
    source = request.auth.get(Source, payload.knowledge_id)
    return _assign(request.auth, response, agent, source)


@router.delete(
    "/{uuid:agent_id}/knowledge/{uuid:knowledge_id}",
    response={204: None, **Problems},
    summary="Take a source away",
)
def unassign_knowledge(request: ApiRequest, agent_id: UUID, knowledge_id: UUID) -> Status[None]:
    """404 where the agent does not have it."""
    agent = request.auth.get(Agent, agent_id, "change")
    return _unassign(request.auth, agent, request.auth.get(Source, knowledge_id))


# ── Beneath ───────────────────────────────────────────────────────────────────────────────────


def _told(access: Access, agents: AgentQuerySet) -> AgentQuerySet:
    """With all that AgentOut says, so that a list costs one query."""
    return agents.with_status().with_links(access).select_related("published_version")


def _read(access: Access, pk: UUID) -> Agent:
    agent = _told(access, visible_agents(access)).filter(pk=pk).first()
    if agent is None:
        raise Http404("No such agent.")
    return agent


def _versions(access: Access, agent_id: UUID) -> QuerySet[AgentVersion]:
    agent = access.get(Agent, agent_id)
    return access.visible(AgentVersion).filter(agent=agent).select_related("published_by")


def _fields(access: Access, sent: dict[str, Any], agent: Agent | None = None) -> dict[str, Any]:
    """What the services take: ids become rows that the caller may see, limits become fields."""
    sent |= sent.pop("limits", {})
    one: dict[str, type[TenantOwned]] = {"provider": Provider, "persona": Persona}
    for name, model in one.items():
        if (key := f"{name}_id") in sent:
            pk = sent.pop(key)
            sent[name] = access.get(model, pk) if pk else None
    if "fallbacks" in sent:
        sent["fallbacks"] = [_fallback(access, **one) for one in sent["fallbacks"]]
    many: dict[str, type[TenantOwned]] = {"tool": Tool, "source": Source}
    for name, model in many.items():
        if (key := f"{name}_ids") in sent:
            sent[f"{name}s"] = _rows(access, model, sent.pop(key))
    if "model" in sent or "provider" in sent:
        provider = sent.get("provider", agent.provider if agent else None)
        sent["model"] = sent.get("model") or (provider.default_model if provider else DEFAULT_MODEL)
    return sent


def _fallback(access: Access, provider_id: UUID | None = None, model: str = "") -> dict[str, Any]:
    provider = access.get(Provider, provider_id) if provider_id else None
    usual = provider.default_model if provider else "demo"
    return {"provider": str(provider.pk) if provider else None, "model": model or usual}


def _rows(access: Access, model: type[TenantOwned], ids: list[UUID]) -> list[TenantOwned]:
    """The rows with these ids; a foreign id among them is an unknown one."""
    found = access.visible(model).in_bulk(ids)
    if len(found) < len(set(ids)):
        raise Http404("No such object.")
    note_seen(access, model, found)
    return list(found.values())


def _assigned(access: Access, model: type[Any], agent_id: UUID) -> QuerySet[Any]:
    agent = access.get(Agent, agent_id)
    rows: QuerySet[Any] = access.visible(model).filter(agent_links__agent=agent)
    assigned: QuerySet[Any] = rows.annotate(assigned_at=F("agent_links__created_at"))
    return assigned


def _assign(access: Access, response: HttpResponse, agent: Agent, used: Any) -> Status[Any]:
    is_new = services.assign(access, agent, used)
    area = "tools" if isinstance(used, Tool) else "knowledge"
    created(response, f"/api/v1/agents/{agent.pk}/{area}/{used.pk}")
    assigned = _assigned(access, type(used), agent.pk).get(pk=used.pk)
    return Status(201 if is_new else 200, assigned)


def _unassign(access: Access, agent: Agent, used: Tool | Source) -> Status[None]:
    if not services.unassign(access, agent, used):
        raise Http404("The agent does not have it.")
    return Status(204, None)
