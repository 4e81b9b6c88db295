"""Making API keys."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from tenants import api_keys, audit
from tenants.access import Access
from tenants.models import ApiKey


@transaction.atomic
def create_api_key(
    access: Access,
    *,
    name: str,
    scopes: Collection[str],
    expires_at: datetime | None = None,
) -> tuple[ApiKey, str]:
    """A key in the maker's name, and the one showing of it.

    Raises PermissionDenied for a scope that the maker does not hold.
    """
    beyond = set(scopes) - access.capabilities
    if beyond:
        raise PermissionDenied(
            f"A key can't be stronger than its maker: {', '.join(sorted(beyond))}."
        )
    key = ApiKey(name=name, user=access.user, scopes=sorted(scopes), expires_at=expires_at)
    key.tenant = access.tenant
    token = api_keys.make(key)
    access.add(key)
    audit.record(access, "api_key.created", key, {"scopes": [None, key.scopes]})
    return key, token
