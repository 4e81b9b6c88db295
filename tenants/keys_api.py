"""The API of API keys. A key that makes or changes keys needs the scope `manage_keys`."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.http import HttpResponse
from ninja import Field, Query, Schema, Status
from pydantic import AwareDatetime, ConfigDict
from pydantic.config import JsonDict

from tenants import key_bounds, services
from tenants.access import Access
from tenants.api import ApiRequest, IfMatch, Problems, Router, created
from tenants.models import ApiKey
from tenants.schemas import Changes, In, Out, ProblemOut
from tenants.services.keys import LONGEST_OVERLAP
from tenants.versions import from_if_match

router = Router(tags=["api keys"])

_WANTED: JsonDict = {
    "name": "Nightly import",
    "scopes": ["view_knowledge", "upload_knowledge"],
    "networks": ["192.0.2.0/24"],
    "rate_limit": 600,
    "rate_seconds": 60,
    "expires_at": "2027-11-02T00:00:00Z",
}
_KEY: JsonDict = {
    **_WANTED,
    "id": "0198f2a2-5c1e-7d40-8f3b-2b7d9c4e1a60",
    "public_id": "rst_h2Kd93LmPq0a",
    "user_id": "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4",
    "made_with_id": None,
    "agent_ids": None,
    "hidden_agents": 0,
    "status": "active",
    "version": 1,
    "created_at": "2026-11-02T09:10:02Z",
    "last_used_at": "2026-11-21T17:02:00Z",
    "last_used_from": "192.0.2.17",
    "rotated_at": None,
    "previous_ends_at": None,
    "revoked_at": None,
}


class KeyFilters(Schema):
    """Which keys to list."""

    status: Literal["active", "expired", "revoked"] | None = None

    def narrow(self, keys: QuerySet[ApiKey]) -> QuerySet[ApiKey]:
        """Those of this state."""
        past = Q(expires_at__lte=Now())
        states = {
            "active": Q(revoked_at=None) & ~past,
            "expired": Q(revoked_at=None) & past,
            "revoked": Q(revoked_at__isnull=False),
        }
        return keys.filter(states[self.status]) if self.status else keys


class KeyIn(In):
    """A new key. Without `agent_ids` it reaches every agent that its scopes and its maker reach."""

    model_config = ConfigDict(json_schema_extra={"example": _WANTED})

    name: str = Field(min_length=1, max_length=120)
    scopes: list[str] = Field(min_length=1)
    agent_ids: list[UUID] | None = None
    networks: list[str] = []
    rate_limit: int | None = None
    rate_seconds: int = 60
    expires_at: AwareDatetime | None = None


class KeyChanges(Changes):
    """What changes of a key."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "Import at night"}})

    name: str = Field(default="", min_length=1, max_length=120)
    scopes: list[str] = Field(default=[], min_length=1)
    agent_ids: list[UUID] | None = None
    networks: list[str] = []
    rate_limit: int | None = None
    rate_seconds: int = 60
    expires_at: AwareDatetime | None = None


class RotationIn(In):
    """For how long the present secret goes on beside the new one."""

    model_config = ConfigDict(json_schema_extra={"example": {"overlap_hours": 24}})

    overlap_hours: int = Field(default=0, ge=0, le=LONGEST_OVERLAP)


class KeyOut(Out):
    """A key, without its secret. `agent_ids` are those of its agents that the caller may see;
    `made_with_id` is the key that made it, if one did."""

    model_config = ConfigDict(json_schema_extra={"example": _KEY})

    id: UUID
    public_id: str
    name: str
    user_id: UUID
    made_with_id: UUID | None
    scopes: list[str]
    agent_ids: list[UUID] | None
    hidden_agents: int
    networks: list[str]
    rate_limit: int | None
    rate_seconds: int
    expires_at: datetime | None
    status: Literal["active", "expired", "revoked"]
    version: int
    created_at: datetime
    last_used_at: datetime | None
    last_used_from: str | None
    rotated_at: datetime | None
    previous_ends_at: datetime | None
    revoked_at: datetime | None

    @staticmethod
    def resolve_public_id(key: ApiKey) -> str:
        return f"rst_{key.public_id}"

    @staticmethod
    def resolve_agent_ids(key: ApiKey, context: Any) -> list[UUID] | None:
        return None if key.agent_ids is None else _seen(key, context["request"])

    @staticmethod
    def resolve_hidden_agents(key: ApiKey, context: Any) -> int:
        return len(key.agent_ids or ()) - len(_seen(key, context["request"]))


class MadeKeyOut(KeyOut):
    """A key with its secret, which is told only this once."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {**_KEY, "key": "rst_h2Kd93LmPq0a_…43 letters and digits…3kQ0Xz"}
        }
    )

    key: str

    @staticmethod
    def resolve_key(key: ApiKey) -> str:
        return str(key.token)  # type: ignore[attr-defined]  # put there by `_shown_once`


def _seen(key: ApiKey, request: ApiRequest) -> list[UUID]:
    """Which of the key's agents the caller may see; asked once for a whole list."""
    if not key.agent_ids:
        return []
    if not hasattr(request, "seen_agents"):
        request.seen_agents = _ids(request.auth)  # type: ignore[attr-defined]
    return [pk for pk in key.agent_ids if pk in request.seen_agents]  # type: ignore[attr-defined]


def _ids(access: Access) -> frozenset[UUID]:
    named = access.visible(ApiKey).exclude(agent_ids=None).values_list("agent_ids", flat=True)
    wanted = {pk for ids in named for pk in ids or ()}
    agents = key_bounds.visible_agents(access).filter(pk__in=wanted)
    return frozenset(agents.values_list("pk", flat=True))


@router.get("", response={200: list[KeyOut], **Problems}, summary="List API keys")
def list_api_keys(request: ApiRequest, filters: Query[KeyFilters]) -> QuerySet[ApiKey]:
    """One's own keys, and everybody's for whoever keeps them; ended ones too, newest first."""
    request.auth.require("manage_keys")
    return filters.narrow(request.auth.visible(ApiKey))


@router.post("", response={201: MadeKeyOut, **Problems}, summary="Make an API key")
def create_api_key(request: ApiRequest, response: HttpResponse, payload: KeyIn) -> Status[ApiKey]:
    """A key in the name of the caller's maker, never stronger than the caller: not in scopes,
    agents, addresses, expiry or limit. `key` is told only in this answer."""
    key, token = services.create_api_key(request.auth, **payload.model_dump())
    created(response, f"/api/v1/api-keys/{key.pk}")
    return Status(201, _shown_once(key, token))


@router.get("/{uuid:key_id}", response={200: KeyOut, **Problems}, summary="Read an API key")
def get_api_key(request: ApiRequest, key_id: UUID) -> ApiKey:
    """One key: what it may do, and when it was last used from where."""
    return request.auth.get(ApiKey, key_id)


@router.patch(
    "/{uuid:key_id}",
    response={200: KeyOut, **Problems, 412: ProblemOut},
    summary="Change an API key",
)
def update_api_key(
    request: ApiRequest, key_id: UUID, payload: KeyChanges, if_match: IfMatch = None
) -> ApiKey:
    """Change one's own key; it holds with the next request. With `If-Match: "<version>"`, only if
    nobody else changed it since."""
    key = request.auth.get(ApiKey, key_id, "change")
    changes: Any = payload.model_dump(exclude_unset=True)
    version = from_if_match(if_match)
    return services.update_api_key(request.auth, key, expected_version=version, **changes)


@router.post(
    "/{uuid:key_id}/rotate", response={200: MadeKeyOut, **Problems}, summary="Rotate an API key"
)
def rotate_api_key(request: ApiRequest, key_id: UUID, payload: RotationIn | None = None) -> ApiKey:
    """Give one's own key a new secret, told only in this answer. The present one goes on for
    `overlap_hours`, or ends at once."""
    key = request.auth.get(ApiKey, key_id, "change")
    hours = payload.overlap_hours if payload else 0
    return _shown_once(*services.rotate_api_key(request.auth, key, overlap_hours=hours))


@router.delete("/{uuid:key_id}", response={204: None, **Problems}, summary="Revoke an API key")
def revoke_api_key(request: ApiRequest, key_id: UUID) -> Status[None]:
    """End a key at once and for good, with the keys that were made with it, and stop the work that
    they asked for. It stays in the list as revoked."""
    services.revoke_api_key(request.auth, request.auth.get(ApiKey, key_id, "delete"))
    return Status(204, None)


def _shown_once(key: ApiKey, token: str) -> ApiKey:
    key.token = token  # type: ignore[attr-defined]
    return key
