"""Who uses a secret. The apps above declare which of their models refer to one."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef

from tenants.access import Access
from tenants.models import Secret, TenantOwned


@dataclass(slots=True)
class Users:
    """Those that this person may see, by name, and how many others there are."""

    seen: list[TenantOwned] = field(default_factory=list)
    hidden: int = 0

    @property
    def count(self) -> int:
        return len(self.seen) + self.hidden


_models: list[type[Any]] = []  # each a TenantOwned with `secret`


def declare(model: type[TenantOwned]) -> None:
    """Called once for each model with a foreign key `secret`, when the apps are ready."""
    if model not in _models:
        _models.append(model)


def of(access: Access, secrets: Collection[Secret]) -> dict[UUID, Users]:
    """The users of each of these secrets: one query for each declared model."""
    found = {secret.pk: Users() for secret in secrets}
    for model in _models:
        is_seen = Exists(access.visible(model).filter(pk=OuterRef("pk")))
        rows = model.unscoped.filter(tenant=access.tenant, secret__in=[*found])
        for row in rows.annotate(is_seen=is_seen):
            row.tenant = access.tenant  # asked for by its address
            users = found[row.secret_id]
            if row.is_seen:
                users.seen.append(row)
            else:
                users.hidden += 1
    for users in found.values():
        users.seen.sort(key=str)
    return found
