"""What people keep of lists: a search with its filters and order, under a name."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from tenants.models.base import TenantForeignKey, TenantOwned
from tenants.models.names import NameField
from tenants.rules import OwnOr, OwnOrShared


class SavedView(TenantOwned):
    """A list as somebody wants to see it again; `query` holds parameters that the list knows."""

    access_rule = OwnOrShared("view_agents", owner="user", change="manage_tenant")

    listed = models.CharField(max_length=30, editable=False)
    name = NameField(max_length=60)
    query = models.JSONField(default=dict, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="+"
    )
    is_shared = models.BooleanField(
        "shared", default=False, help_text="Everybody in the organisation finds it on this list."
    )

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "user", "listed", "name"],
                name="view_name",
                violation_error_message="You have a view with this name on this list already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class DefaultView(TenantOwned):
    """The view that a list opens with, for one person."""

    access_rule = OwnOr("manage_tenant", owner="user")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="+"
    )
    listed = models.CharField(max_length=30, editable=False)
    view = TenantForeignKey(SavedView, models.CASCADE, editable=False, related_name="defaults")

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "user", "listed"], name="one_default_view_a_list"
            )
        ]

    def __str__(self) -> str:
        return self.listed
