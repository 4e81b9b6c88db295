"""API keys as the pages tell them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from tenants.access import Access
from tenants.models import ApiKey, Membership


def told(access: Access) -> QuerySet[Any]:
    """The visible keys with their makers, each with `is_maker_in`: whether its maker gets in."""
    makers = Membership.unscoped.filter(
        tenant=OuterRef("tenant_id"),
        user=OuterRef("user_id"),
        is_suspended=False,
        user__is_active=True,
    )
    keys = access.visible(ApiKey).select_related("user", "made_with__tenant")
    return keys.annotate(is_maker_in=Exists(makers))
