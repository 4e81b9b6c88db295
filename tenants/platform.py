"""Looking after all tenants, which opens none of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.http import Http404

from tenants.models import Tenant, User


@dataclass(frozen=True, slots=True)
class Platform:
    """Whoever looks after all tenants. Holding one proves it; it opens no tenant's content."""

    user: User

    @classmethod
    def of(cls, user: User) -> Platform:
        """Raises Http404 for everybody else, as if there were no platform."""
        if not (user.is_active and user.is_platform_admin):
            raise Http404("No such page.")
        return cls(user)

    @property
    def label(self) -> str:
        """How the activity log of a tenant names somebody who acts from outside of it."""
        return f"{self.user} (platform)"

    def tenants(self) -> QuerySet[Tenant]:
        """All there are."""
        return Tenant.objects.all()
