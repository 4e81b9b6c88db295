"""Shapes of the registry's API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict
from pydantic.config import JsonDict

from agents.models import MOST_FALLBACKS, Agent, AgentQuerySet, AgentStatus, AgentVersion
from agents.specs import AgentSpec, LimitsSpec, disclosed
from tenants.access import Access
from tenants.schemas import Changes, In, Out

Name = Annotated[str, Field(min_length=1, max_length=120)]
Sort = Literal["created", "-created", "name", "-name", "changed", "-changed"]
ORDER: dict[str, str] = {"created": "created_at", "name": "name", "changed": "changed_at"}

_LIMITS: JsonDict = {
    "max_steps": 8,
    "max_tool_calls": 8,
    "max_output_tokens": 1024,
    "retrieve_k": 8,
}
_FALLBACK: JsonDict = {"provider_id": "0198f2a0-3c4d-7a10-9d0e-5f6a7b8c9d0e", "model": "large"}
_AGENT_IN: JsonDict = {
    "name": "Billing helper",
    "description": "Answers questions about invoices and refunds.",
    "model": "demo",
    "persona_id": "0198f2a0-6f0e-7c3a-9d0e-3f1f5b1c7a10",
    "persona_values": {"company": "Acme"},
    "source_ids": ["0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4"],
    "limits": _LIMITS,
}
_AGENT_OUT: JsonDict = {
    **_AGENT_IN,
    "id": "0198f2a1-0b5c-7e11-b0d2-9a7c4e5f6a7b",
    "slug": "billing-helper",
    "status": "live",
    "version": 3,
    "provider_id": None,
    "fallbacks": [_FALLBACK],
    "tool_ids": [],
    "limits": {**_LIMITS, "timeout_seconds": 120, "temperature": None},
    "published_version": 2,
    "published_at": "2026-11-02T09:12:44Z",
    "created_at": "2026-10-30T14:03:10Z",
    "changed_at": "2026-11-02T09:10:02Z",
}


_TOOL: JsonDict = {
    "id": "0198f2a0-91c7-7f00-a1b2-c3d4e5f60718",
    "slug": "order_status",
    "name": "Order status",
    "description": "Returns the status of an order.",
    "assigned_at": "2026-10-30T14:05:00Z",
}
_SOURCE: JsonDict = {
    "id": "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4",
    "name": "Support handbook",
    "description": "What the desk promises.",
    "assigned_at": "2026-10-30T14:05:00Z",
}
_VERSION: JsonDict = {
    "number": 2,
    "note": "Knows the new refund terms",
    "published_by": "Ada Lovelace",
    "created_at": "2026-11-02T09:12:44Z",
}
_SPEC: JsonDict = {
    "agent_id": _AGENT_OUT["id"],
    "agent_name": "Billing helper",
    "description": "Answers questions about invoices and refunds.",
    "version": 2,
    "routes": [{"provider_id": None, "kind": "demo", "model": "demo"}],
    "persona": None,
    "persona_values": {},
    "tools": [],
    "source_ids": [_SOURCE["id"]],
    "limits": _AGENT_OUT["limits"],
}


class AgentFilters(Schema):
    """Which agents to list, and in which order."""

    q: str | None = Field(None, max_length=200, description="Words of the name, persona or tool.")
    status: AgentStatus | None = None
    model: str | None = Field(None, max_length=120)
    source_id: UUID | None = None
    sort: Sort = "-created"

    def narrow(self, access: Access, agents: AgentQuerySet) -> AgentQuerySet:
        if self.q:
            agents = agents.matching(access, self.q)
        if self.status:
            agents = agents.in_status(self.status)
        if self.model:
            agents = agents.filter(model=self.model)
        if self.source_id:
            agents = agents.filter(source_links__source=self.source_id)
        return agents


class LimitsIn(In):
    """What a run may use up. What is left out keeps its present or usual value."""

    max_steps: Annotated[int, Field(ge=1, le=50)] = 8
    max_tool_calls: Annotated[int, Field(ge=0, le=100)] = 8
    max_output_tokens: Annotated[int, Field(ge=1, le=128_000)] = 1024
    timeout_seconds: Annotated[int, Field(ge=1, le=3600)] = 120
    retrieve_k: Annotated[int, Field(ge=1, le=50)] = 8
    temperature: Annotated[float | None, Field(ge=0, le=2)] = None


class FallbackIn(In):
    """Who is asked where the model before can't answer; without a provider it is Roster demo."""

    model_config = ConfigDict(json_schema_extra={"example": _FALLBACK})

    provider_id: UUID | None = None
    model: str = Field("", max_length=120, description="Empty: the provider's usual model.")


class FallbackOut(Out):
    """Who is asked where the model before can't answer."""

    model_config = ConfigDict(json_schema_extra={"example": _FALLBACK})

    provider_id: UUID | None
    model: str


class AgentIn(In):
    """A new agent. Without provider and model the organisation's default route answers."""

    model_config = ConfigDict(json_schema_extra={"example": _AGENT_IN})

    name: Name
    slug: str = Field("", max_length=64, description="Empty: made of the name.")
    description: str = Field("", max_length=500)
    provider_id: UUID | None = None
    model: str = Field("", max_length=120, description="Empty: the provider's usual model.")
    fallbacks: list[FallbackIn] = Field(
        [], max_length=MOST_FALLBACKS, description="Asked in this order where `model` can't answer."
    )
    persona_id: UUID | None = None
    persona_values: dict[str, str] = {}
    tool_ids: list[UUID] = Field([], max_length=100)
    source_ids: list[UUID] = Field([], max_length=500)
    limits: LimitsIn = LimitsIn()


class AgentChanges(Changes):
    """Only what changes. `tool_ids` and `source_ids` replace the whole set."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"description": "Also answers about VAT.", "limits": {}}}
    )

    name: Name = ""
    slug: str = Field("", max_length=64)
    description: str = Field("", max_length=500)
    provider_id: UUID | None = None
    model: str = Field("", max_length=120)
    fallbacks: list[FallbackIn] = Field([], max_length=MOST_FALLBACKS)
    persona_id: UUID | None = None
    persona_values: dict[str, str] = {}
    tool_ids: list[UUID] = Field([], max_length=100)
    source_ids: list[UUID] = Field([], max_length=500)
    limits: LimitsIn = LimitsIn()


class AgentOut(Out):
    """The draft of an agent, and what is published of it. A persona, tools and sources that this
    key may not see are left out; a change of the others keeps them."""

    model_config = ConfigDict(json_schema_extra={"example": _AGENT_OUT})

    id: UUID
    name: str
    slug: str
    description: str
    status: AgentStatus
    version: int
    provider_id: UUID | None
    model: str
    fallbacks: list[FallbackOut]
    persona_id: UUID | None
    persona_values: dict[str, str]
    tool_ids: list[UUID]
    source_ids: list[UUID]
    limits: LimitsSpec
    published_version: int | None
    published_at: datetime | None
    created_at: datetime
    changed_at: datetime

    @staticmethod
    def resolve_persona_id(agent: Any) -> UUID | None:
        seen: UUID | None = agent.seen_persona_id
        return seen

    @staticmethod
    def resolve_persona_values(agent: Any) -> dict[str, str]:
        return dict(agent.persona_values) if agent.seen_persona_id else {}

    @staticmethod
    def resolve_fallbacks(agent: Any) -> list[dict[str, Any]]:
        return [{"provider_id": f["provider"], "model": f["model"]} for f in agent.fallbacks]

    @staticmethod
    def resolve_limits(agent: Agent) -> LimitsSpec:
        return LimitsSpec.of(agent)

    @staticmethod
    def resolve_published_version(agent: Agent) -> int | None:
        return agent.published_version.number if agent.published_version else None


class PublishIn(In):
    """What to say of the version."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "Knows the new refund terms"}})

    note: str = Field("", max_length=300, description="What this version is about.")


class VersionSummaryOut(Out):
    """A published version, without its configuration."""

    model_config = ConfigDict(json_schema_extra={"example": _VERSION})

    number: int
    note: str
    published_by: str | None
    created_at: datetime

    @staticmethod
    def resolve_published_by(version: AgentVersion) -> str | None:
        return str(version.published_by) if version.published_by else None


class VersionOut(VersionSummaryOut):
    """A published version with its whole configuration. Secrets stand in it by id only, and
    what this key may not see is left out."""

    model_config = ConfigDict(json_schema_extra={"example": {**_VERSION, "spec": _SPEC}})

    spec: AgentSpec

    @staticmethod
    def resolve_spec(version: AgentVersion, context: dict[str, Any]) -> AgentSpec:
        [spec] = disclosed(context["request"].auth, AgentSpec.model_validate(version.spec))
        return spec


class ToolAssignment(In):
    """Which tool to give."""

    model_config = ConfigDict(json_schema_extra={"example": {"tool_id": _TOOL["id"]}})

    tool_id: UUID


class AssignedTool(Out):
    """A tool that the agent has."""

    model_config = ConfigDict(json_schema_extra={"example": _TOOL})

    id: UUID
    slug: str
    name: str
    description: str
    assigned_at: datetime


class KnowledgeAssignment(In):
    """Which source to give."""

    model_config = ConfigDict(json_schema_extra={"example": {"knowledge_id": _SOURCE["id"]}})

    knowledge_id: UUID


class AssignedKnowledge(Out):
    """A source that the agent answers from."""

    model_config = ConfigDict(json_schema_extra={"example": _SOURCE})

    id: UUID
    name: str
    description: str
    assigned_at: datetime
