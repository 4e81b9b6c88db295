"""A key is never stronger than who makes or changes it, be that a person or another key."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from tenants.access import Access
from tenants.addresses import are_within, normalised
from tenants.capabilities import LABELS, closure
from tenants.models import ApiKey
from tenants.noting import AGAIN, note, note_seen

LONGEST_WINDOW = 24 * 60 * 60  # seconds
HIGHEST_LIMIT = 1_000_000
MOST_AGENTS = 200


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a key can do, beside its secret."""

    scopes: frozenset[str]
    agent_ids: frozenset[UUID] | None
    networks: tuple[str, ...]
    rate_limit: int | None
    rate_seconds: int
    expires_at: datetime | None

    @classmethod
    def of(cls, key: ApiKey) -> Bounds:
        """Those of a key, saved or not."""
        return cls(
            scopes=closure(set(key.scopes)),
            agent_ids=None if key.agent_ids is None else frozenset(key.agent_ids),
            networks=tuple(key.networks),
            rate_limit=key.rate_limit,
            rate_seconds=key.rate_seconds,
            expires_at=key.expires_at,
        )

    def beyond(self, outer: Bounds) -> str:
        """In which way these are wider than the outer ones; empty where they are not."""
        if outer.agent_ids is not None and not (
            self.agent_ids is not None and self.agent_ids <= outer.agent_ids
        ):
            return "it reaches agents that this key does not reach"
        if outer.networks and not are_within(self.networks, outer.networks):
            return "it may be used from addresses that this key may not be used from"
        if outer.expires_at and not (self.expires_at and self.expires_at <= outer.expires_at):
            return "it outlives this key"
        if outer.rate_limit is not None and not self._is_as_slow_as(outer):
            return "it may ask more often than this key"
        return ""

    def _is_as_slow_as(self, outer: Bounds) -> bool:
        if self.rate_limit is None or outer.rate_limit is None:
            return False
        is_as_few = self.rate_limit <= outer.rate_limit
        return is_as_few and (
            self.rate_limit * outer.rate_seconds <= outer.rate_limit * self.rate_seconds
        )


def require_within(access: Access, key: ApiKey) -> None:
    """Raise PermissionDenied for a key with more than this principal has now.

    For a person that is about rights alone; through a key also about its agents, addresses, end
    and limit.
    """
    require_held(access, key.scopes)
    if access.key is not None and (way := Bounds.of(key).beyond(Bounds.of(access.key))):
        raise PermissionDenied(f"A key can't be stronger than the one that makes it: {way}.")
    note(access, "within", str(key.pk))


def _within_again(access: Access, pk: str) -> None:
    require_within(access, access.get(ApiKey, pk))


AGAIN["within"] = _within_again


def require_held(access: Access, scopes: Collection[str]) -> None:
    """Raise PermissionDenied for scopes that this principal does not hold."""
    if beyond := closure(set(scopes)) - access.capabilities:
        named = ", ".join(sorted(beyond))
        raise PermissionDenied(f"A key can't be stronger than its maker: {named}.")


def checked(access: Access, key: ApiKey, changes: dict[str, Any]) -> dict[str, Any]:
    """The fields as they are stored. Raises ValidationError by field, and Http404 for an agent that
    can't be seen; the key's present ones may stay."""
    found, errors = dict(changes), {}
    try:
        found["networks"] = normalised(found.get("networks", key.networks))
    except ValidationError as error:
        errors["networks"] = error.messages
    if "scopes" in found:
        found["scopes"] = sorted(set(found["scopes"]))
        errors["scopes"] = _wrong_scopes(found["scopes"])
    if found.get("agent_ids") is not None:
        found["agent_ids"] = sorted(set(found["agent_ids"]))
        errors["agent_ids"] = _wrong_agents(access, key, found["agent_ids"])
    if "expires_at" in found:
        errors["expires_at"] = _wrong_end(key, found["expires_at"])
    errors |= _wrong_limit(found)
    if wrong := {name: told for name, told in errors.items() if told}:
        raise ValidationError(wrong)
    return found


def _wrong_scopes(scopes: list[str]) -> list[str]:
    if not scopes:
        return ["A key without any right can do nothing. Choose at least one."]
    return [f"There is no right {name!r}." for name in scopes if name not in LABELS]


def _wrong_end(key: ApiKey, ends: datetime | None) -> list[str]:
    is_over = ends is not None and ends <= timezone.now() and ends != key.expires_at
    if is_over:
        return ["This is past already."]
    # A new one is compared with all bounds of the key that makes it: `require_within`.
    maker = None if key._state.adding else key.made_with
    last = maker.expires_at if maker else None
    is_longer = last is not None and (ends is None or ends > last)
    return ["The key that it was made with ends before."] if is_longer else []


def _wrong_agents(access: Access, key: ApiKey, wanted: list[UUID]) -> list[str]:
    if len(wanted) > MOST_AGENTS:
        return [f"At most {MOST_AGENTS} agents. For more, let the key reach every agent."]
    added = set(wanted) - set(key.agent_ids or ())
    if visible_agents(access).filter(pk__in=added).count() < len(added):
        raise Http404("No such agent.")
    note_seen(access, apps.get_model("agents.Agent"), added)
    return [] if wanted else ["Name at least one agent, or let the key reach every agent."]


def _wrong_limit(found: dict[str, Any]) -> dict[str, list[str]]:
    errors = {}
    if (limit := found.get("rate_limit")) is not None and not 1 <= limit <= HIGHEST_LIMIT:
        errors["rate_limit"] = [f"Between 1 and {HIGHEST_LIMIT:,} requests."]
    if not 1 <= found.get("rate_seconds", 60) <= LONGEST_WINDOW:
        errors["rate_seconds"] = [f"Between 1 and {LONGEST_WINDOW:,} seconds."]
    return errors


def visible_agents(access: Access) -> QuerySet[Any]:
    """The agents that a key can be narrowed to. Their app stands above this one."""
    return access.visible(apps.get_model("agents.Agent")).order_by("name")
