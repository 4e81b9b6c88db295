"""API keys: making, changing, rotating and revoking them. Each takes effect with the next request,
and nobody's key gets more than they have themselves."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, TypedDict, Unpack
from uuid import UUID

from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone

from tenants import api_keys, audit, key_bounds
from tenants.access import Access
from tenants.models import ApiKey, Tenant
from tenants.versions import require_version

LONGEST_OVERLAP = 7 * 24  # hours


class KeyFields(TypedDict, total=False):
    """What a key is made of; see the model. `agent_ids` None is every agent."""

    name: str
    scopes: Collection[str]
    agent_ids: Collection[UUID] | None
    networks: Collection[str]
    rate_limit: int | None
    rate_seconds: int
    expires_at: datetime | None


@audit.atomic()
def create_api_key(access: Access, **fields: Unpack[KeyFields]) -> tuple[ApiKey, str]:
    """A key in the maker's name, and the one showing of it.

    Raises PermissionDenied for more than the maker holds, ValidationError by field, and Http404 for
    an agent that can't be seen.
    """
    if access.key is not None and not _locked(access.key).is_alive:
        raise PermissionDenied("The key that asks for another has ended.")
    key = ApiKey(user=access.user, tenant=access.tenant, made_with=access.key)
    wanted = {"scopes": (), **fields}
    for name, value in key_bounds.checked(access, key, wanted).items():
        setattr(key, name, value)
    key_bounds.require_within(access, key)
    token = api_keys.make(key)
    _clean(key)
    access.add(key)
    audit.record(access, "api_key.created", key, {n: [None, v] for n, v in _state(key).items()})
    return key, token


@audit.atomic()
def update_api_key(
    access: Access,
    key: ApiKey,
    *,
    expected_version: int | None = None,
    **changes: Unpack[KeyFields],
) -> ApiKey:
    """Change what one's own key is called and what it may do. A change holds with the next request.

    No key outlives the one that it was made with, so an earlier end holds for those, too. Scopes
    that its maker has lost meanwhile may stay; none may be added that they do not hold. Raises as
    `create_api_key`, and VersionMoved when `expected_version` is no longer its version.
    """
    key = _decide(access, key)
    require_version(key, expected_version)
    before = _state(key)
    had = set(key.scopes)
    for name, value in key_bounds.checked(access, key, dict(changes)).items():
        setattr(key, name, value)
    if access.key is None:
        key_bounds.require_held(access, set(key.scopes) - had)
    else:
        key_bounds.require_within(access, key)
    _clean(key)
    after = _state(key)
    told = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if told:
        key.version += 1
        key.save()
        audit.record(access, "api_key.updated", key, told)
        if key.expires_at:
            _shorten_made(access, key, key.expires_at)
    return key


@audit.atomic()
def rotate_api_key(access: Access, key: ApiKey, *, overlap_hours: int = 0) -> tuple[ApiKey, str]:
    """Give one's own key a new secret; the present one goes on for so many hours, 0 to 168.

    The secret from a rotation before, if it still works, ends now. Raises PermissionDenied for a
    key that is stronger than the one that asks, and ValidationError for one that has ended.
    """
    if not 0 <= overlap_hours <= LONGEST_OVERLAP:
        raise ValidationError({"overlap_hours": f"Between 0 and {LONGEST_OVERLAP} hours."})
    key, now = _decide(access, key), timezone.now()
    ends = now + timedelta(hours=overlap_hours) if overlap_hours else None
    key.previous_digest, key.previous_ends_at = (key.digest if ends else None), ends
    token = api_keys.make(key)
    key.rotated_at = now
    key.version += 1
    key.save()
    audit.record(access, "api_key.rotated", key, {"previous_ends_at": [None, ends or now]})
    return key, token


@audit.atomic()
def revoke_api_key(access: Access, key: ApiKey) -> None:
    """End a key for good, with its secret from before a rotation and the keys that it made, and
    those that these made. Safe to repeat."""
    now = timezone.now()
    for ending in [_locked(key), *_made_with(key)]:
        if ending.revoked_at is None:
            ending.revoked_at = now
            ending.previous_digest = ending.previous_ends_at = None
            ending.version += 1
            ending.save()
            audit.record(access, "api_key.revoked", ending, {"revoked_at": [None, now]})


@audit.atomic()
def set_key_limit(
    access: Access,
    *,
    rate_limit: int | None,
    rate_seconds: int = 60,
    expected_version: int | str | None = None,
) -> Tenant:
    """How often each key may ask that has no limit of its own; None for as often as it likes.

    Raises PermissionDenied without the right to keep everybody's keys, ValidationError, and
    VersionMoved where the organisation has moved on from the expected version.
    """
    access.require("manage_keys")
    wanted = {"rate_limit": rate_limit, "rate_seconds": rate_seconds}
    key_bounds.checked(access, ApiKey(), wanted)
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=access.tenant.pk)
    require_version(tenant, expected_version)
    changes = {}
    for name, value in wanted.items():
        before = getattr(tenant, f"key_{name}")
        if before != value:
            setattr(tenant, f"key_{name}", value)
            changes[f"key_{name}"] = [before, value]
    if changes:
        tenant.version += 1
        tenant.save(update_fields=[*changes, "version"])
        audit.record(access, "tenant.key_limit_changed", tenant, changes)
    return tenant


def _decide(access: Access, key: ApiKey) -> ApiKey:
    """The key as it is now, which nobody else can change before this transaction ends."""
    key = _locked(key)
    if key.user_id != access.user.pk:
        raise PermissionDenied("Only who made a key changes it: its rights are theirs.")
    if not key.is_alive:
        raise ValidationError("This key has ended. Make a new one.")
    if access.key is not None:
        key_bounds.require_within(access, key)
    return key


def _locked(key: ApiKey) -> ApiKey:
    rows = ApiKey.unscoped.select_for_update(of=("self",), no_key=True).select_related("tenant")
    return rows.get(pk=key.pk)


def _made_with(key: ApiKey) -> list[ApiKey]:
    """The living keys that it made, at whatever remove; held until the transaction ends.

    Whoever makes a key holds the one that it is made with, so none is made meanwhile.
    """
    found: list[ApiKey] = []
    parents = [key.pk]
    while parents:
        made = ApiKey.unscoped.select_for_update(of=("self",), no_key=True)
        new = list(made.filter(made_with__in=parents).order_by("pk").select_related("tenant"))
        parents = [child.pk for child in new]
        found += new
    return [child for child in found if child.is_alive]


def _shorten_made(access: Access, key: ApiKey, ends: datetime) -> None:
    for child in _made_with(key):
        before = child.expires_at
        if before is None or before > ends:
            child.expires_at = ends
            child.version += 1
            child.save()
            audit.record(access, "api_key.updated", child, {"expires_at": [before, ends]})


def _clean(key: ApiKey) -> None:
    try:
        key._meta.get_field("name").clean(key.name, key)
    except ValidationError as error:
        raise ValidationError({"name": error.messages}) from error


def _state(key: ApiKey) -> dict[str, Any]:
    """What the activity log compares."""
    names = ("name", "scopes", "agent_ids", "networks", "rate_limit", "rate_seconds", "expires_at")
    return {name: getattr(key, name) for name in names}
