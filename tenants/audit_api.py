"""The API of the activity log."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from ninja import Field, Query, Schema
from pydantic import AwareDatetime, ConfigDict
from pydantic.config import JsonDict

from tenants import activity
from tenants.api import ApiRequest, Problems, Router
from tenants.models import AuditEvent
from tenants.schemas import Out

router = Router(tags=["audit"])

_EVENT: JsonDict = {
    "id": "0198f2a2-5c1e-7d40-8f3b-2b7d9c4e1a60",
    "number": 1204,
    "created_at": "2026-11-02T09:10:02.120417Z",
    "actor_id": "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4",
    "actor": "Ada Lovelace",
    "key_id": None,
    "action": "persona.updated",
    "is_withheld": False,
    "object_type": "personas.persona",
    "object_id": "0198f2a1-11aa-7e0f-9c3d-5b6a7c8d9e0f",
    "object_label": "Patient explainer",
    "changes": {"tone": ["dry", "warm, brief"]},
    "request_id": "0198f2a25c1e7d408f3b2b7d9c4e1a60",
    "address": "192.0.2.7",
    "hash": "9f2c0c5d7f6e4d1b8a3f5e7c9d0b2a4c6e8f1a3b5c7d9e0f2a4b6c8d0e1f3a5b",
}


class AuditEventOut(Out):
    """One change by one actor. Of an object that the caller may not see nothing is told."""

    model_config = ConfigDict(json_schema_extra={"example": _EVENT})

    id: UUID
    number: int = Field(description="Its place in the organisation's chain.")
    created_at: datetime
    actor_id: UUID | None = Field(description="Null for what Roster did by itself.")
    actor: str = Field(alias="actor_label")
    key_id: UUID | None
    action: str
    is_withheld: bool = Field(description="Whether the object is not shared with the caller.")
    object_type: str | None
    object_id: str | None
    object_label: str | None
    changes: dict[str, Any] | None = Field(description="Field → [before, after], or a fact.")
    request_id: str
    address: str
    hash: str

    @staticmethod
    def resolve_is_withheld(event: Any) -> bool:
        return not event.is_told

    @staticmethod
    def resolve_object_type(event: Any) -> str | None:
        return event.object_type if event.is_told else None

    @staticmethod
    def resolve_object_id(event: Any) -> str | None:
        return event.object_id if event.is_told else None

    @staticmethod
    def resolve_object_label(event: Any) -> str | None:
        return event.object_label if event.is_told else None

    @staticmethod
    def resolve_changes(event: Any) -> dict[str, Any] | None:
        return event.changes if event.is_told else None


class EventFilters(Schema):
    """Which events to list."""

    who: str = Field(
        "",
        pattern=f"^({activity.WHO})?$",
        description="`person:<id>`, `key:<id>`, or `roster` for what Roster did by itself.",
    )
    what: str = Field(
        "",
        pattern=f"^({activity.WHAT})?$",
        description="An action, `agent.updated`, or how actions begin, `agent`.",
    )
    object: str = Field(
        "",
        pattern=f"^({activity.OBJECT})?$",
        description="`agents.agent:<id>`: this object and what belongs to it.",
    )
    since: AwareDatetime | None = Field(None, description="From this moment on.")
    until: AwareDatetime | None = Field(None, description="Before this moment.")
    q: str = Field("", max_length=200, description="Part of an object's name.")


@router.get("", response={200: list[AuditEventOut], **Problems}, summary="List audit events")
def list_audit_events(request: ApiRequest, filters: Query[EventFilters]) -> QuerySet[AuditEvent]:
    """Who changed what, when, from what to what; newest first."""
    request.auth.require("view_audit")
    asked = activity.Asked(**filters.model_dump())
    return activity.narrowed(request.auth.visible(AuditEvent), asked)
