"""The sign-ins that organisations have set up, for people who are not in yet."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import structlog
from allauth.socialaccount.models import SocialAccount
from django.db.models import QuerySet

from tenants import reach
from tenants.access import memberships
from tenants.models import SignInProvider, User

log = structlog.get_logger(__name__)

# As django-allauth begins to tell that a code was not redeemed.
UNREDEEMED = "Error retrieving access token"
ERROR_CODE = re.compile(r"""\berror["']?\s*[:=]\s*["']?([a-z][a-z0-9_]{0,59})""")


def _open() -> QuerySet[SignInProvider]:
    rows = SignInProvider.unscoped.filter(is_enabled=True, tenant__archived_at=None)
    return rows.select_related("tenant", "secret", "role")


def by_key(key: str) -> SignInProvider | None:
    """The sign-in that django-allauth knows by this name, if it lets anybody in."""
    tenant, _, provider = key.partition(":")
    return by_ids(UUID(tenant), UUID(provider))


def by_ids(tenant: UUID, provider: UUID) -> SignInProvider | None:
    """The same by the ids that stand in its addresses."""
    return _open().filter(tenant_id=tenant, pk=provider).first()


def of_organisation(slug: str) -> list[SignInProvider]:
    """What an organisation offers. Nothing: also where there is none of this name."""
    return list(_open().filter(tenant__slug=slug).order_by("name"))


def open_to(user: User) -> list[SignInProvider]:
    """The sign-ins of this person's organisations."""
    mine = memberships(user).order_by().values("tenant_id")
    return list(_open().filter(tenant_id__in=mine).order_by("tenant__name", "name"))


def identities(user: User) -> list[dict[str, Any]]:
    """What is connected to an account: the identity and its sign-in, where that still is."""
    return [
        {"identity": identity, "provider": by_key(identity.provider)}
        for identity in SocialAccount.objects.filter(user=user).order_by("date_joined")
    ]


def key_of(provider: SignInProvider) -> str:
    """By which name django-allauth knows it."""
    return reach.provider_key(provider.tenant_id, provider.pk)


def note_failure(key: str, told: dict[str, Any], code: str = "") -> None:
    """Tell the log why a sign-in failed between the servers; the person can't mend it."""
    error = str(told.get("exception") or code or told.get("error"))
    if error.startswith(UNREDEEMED):
        # The server's whole answer follows; a server may repeat what it was sent, secrets and all.
        found = ERROR_CODE.search(error)
        error = f"{UNREDEEMED}: {found[1] if found else 'no error code'}"
    log.warning("sign_in.failed", sign_in=key, error=error)
