"""How far a session reaches: everywhere, or into one organisation alone.

An organisation's own sign-in can claim any address and any person, and nobody but its owners looks
after it. So what it opens is a session for that organisation; a password or a passkey, which only
the person has, opens all of theirs. docs/decisions/0011-sign-in-reaches-one-organisation.md
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.http import HttpRequest


def provider_key(tenant_id: UUID, provider_id: UUID) -> str:
    """By what name an organisation's sign-in is known to django-allauth and in its tables."""
    return f"{tenant_id}:{provider_id}"


def limit(request: HttpRequest) -> UUID | None:
    """The only organisation that this session opens; None where it opens all of the person's.

    Read from what django-allauth notes of each step by which the person proved who they are.
    """
    steps: list[dict[str, Any]] = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    if any(_is_own(step) for step in steps):
        return None
    through = [step["provider"] for step in steps if step["method"] == "socialaccount"]
    return UUID(through[-1].partition(":")[0]) if through else None


def _is_own(step: dict[str, Any]) -> bool:
    return step["method"] == "password" or bool(step.get("passwordless"))
