"""What `Access` finds, by SQL that principals who are alike share.

What a query of rights looks like depends on few things about who asks: these are a `Shape`. The
SQL is written for a stand-in that is made of nothing but a shape and of ids that are parameters,
so it can't hold anything of the person for whom it was written first.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

from tenants.compiled import Compiled, CompiledCount, CompiledRows
from tenants.conditions import Conditions, MoreThanConditions
from tenants.models import ApiKey, Role, Tenant, TenantOwned, User

if TYPE_CHECKING:
    from tenants.access import Access

M = TypeVar("M", bound=TenantOwned)

NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Shape:
    """Everything about a principal, other than their ids, that a rule may look at."""

    is_owner: bool
    is_read_only: bool
    capabilities: frozenset[str]
    scopes: frozenset[str] | None
    has_key: bool
    agent_ids: tuple[UUID, ...] | None

    @classmethod
    def of(cls, access: Access) -> Shape:
        named = access.agent_ids
        return cls(
            is_owner=access.is_owner,
            is_read_only=access.is_read_only,
            capabilities=access.capabilities,
            scopes=access.scopes,
            has_key=access.key is not None,
            agent_ids=None if named is None else tuple(named),
        )

    def stand_in(self, kind: type[Access], user: UUID, tenant: UUID, group: int) -> Access:
        """An Access of this shape, of somebody who does not exist."""
        slug = "owner" if self.is_owner else "other"
        return kind(
            user=User(pk=user),
            tenant=Tenant(pk=tenant, archived_at=timezone.now() if self.is_read_only else None),
            role=Role(group_id=group, slug=slug, is_built_in=self.is_owner),
            capabilities=self.capabilities,
            key=ApiKey(agent_ids=self.agent_ids) if self.has_key else None,
            scopes=self.scopes,
        )


def rows(access: Access, model: type[M], action: str) -> QuerySet[M]:
    """The rows of `by_rules`, as far as Django lets that be written beforehand."""
    kind: Any = type(access)
    conditions = _conditions(kind, Shape.of(access), model, action)
    if conditions is None:
        found = access.by_rules(model, action)
    else:
        found = conditions.narrow(model.unscoped.all(), **_ids(access))
    # As a related manager does, so that `row.tenant` costs no query.
    known = {model._meta.get_field("tenant"): {access.tenant.pk: access.tenant}}
    found._known_related_objects = known  # type: ignore[attr-defined]
    return found


@lru_cache(maxsize=4096)
def _conditions(kind: type[Access], shape: Shape, model: type[M], action: str) -> Conditions | None:
    def reached(user: UUID, tenant: UUID, group: int) -> QuerySet[M]:
        return shape.stand_in(kind, user, tenant, group).by_rules(model, action)

    try:
        return Conditions(reached, user=NOBODY, tenant=NOBODY, group=0)
    except MoreThanConditions:
        return None


def one(access: Access, model: type[M], pk: Any, action: str) -> M | None:
    """The row with this id, if the action is allowed on it: the one of `visible` by other means.

    Raises ValidationError for what is no id at all.
    """
    if pk is None:
        return None
    kind: Any = type(access)
    query = _query(kind, Shape.of(access), model, action)
    row = query.first(**_ids(access), pk=model._meta.pk.to_python(pk))
    if row is not None:
        row.tenant = access.tenant
    return row


@lru_cache(maxsize=1024)
def _query(kind: type[Access], shape: Shape, model: type[M], action: str) -> Compiled[M]:
    def row(user: UUID, tenant: UUID, group: int, pk: UUID) -> QuerySet[M]:
        return shape.stand_in(kind, user, tenant, group).by_rules(model, action).filter(pk=pk)

    return Compiled(row, optional=_OF_RIGHTS)


def count(access: Access, model: type[M], **among: Hashable) -> int:
    """How many rows one may see, of those that these filters leave."""
    kind: Any = type(access)
    asked = tuple(sorted(among.items()))
    return _count(kind, Shape.of(access), model, asked).of(**_ids(access))


@lru_cache(maxsize=1024)
def _count(
    kind: type[Access], shape: Shape, model: type[M], among: tuple[tuple[str, Hashable], ...]
) -> CompiledCount:
    def seen(user: UUID, tenant: UUID, group: int) -> QuerySet[M]:
        access = shape.stand_in(kind, user, tenant, group)
        return access.by_rules(model, "view").filter(**dict(among))

    return CompiledCount(seen, optional=_OF_RIGHTS)


def first_rows(
    access: Access, make: Callable[[Access], QuerySet[M]], order: tuple[str, ...], size: int
) -> list[M]:
    """As `make(access).order_by(*order)[:size]`. Of the access, `make` may use no more than a rule
    may: what belongs to its `Shape`, and ids in conditions."""
    kind: Any = type(access)
    found = _first_rows(kind, Shape.of(access), make, order, size).all(**_ids(access))
    for row in found:
        row.tenant = access.tenant
    return found


@lru_cache(maxsize=512)
def _first_rows(
    kind: type[Access],
    shape: Shape,
    make: Callable[[Access], QuerySet[M]],
    order: tuple[str, ...],
    size: int,
) -> CompiledRows[M]:
    def rows(user: UUID, tenant: UUID, group: int) -> QuerySet[M]:
        return make(shape.stand_in(kind, user, tenant, group)).order_by(*order)[:size]

    return CompiledRows(rows, optional=_OF_RIGHTS)


def count_all(access: Access, make: Callable[[Access], QuerySet[M]], most: int) -> int:
    """How many rows `make(access)` has, as in `first_rows`: `most` at most."""
    kind: Any = type(access)
    return _count_all(kind, Shape.of(access), make, most).of(**_ids(access))


@lru_cache(maxsize=512)
def _count_all(
    kind: type[Access], shape: Shape, make: Callable[[Access], QuerySet[M]], most: int
) -> CompiledCount:
    def rows(user: UUID, tenant: UUID, group: int) -> QuerySet[M]:
        return make(shape.stand_in(kind, user, tenant, group))

    return CompiledCount(rows, most, optional=_OF_RIGHTS)


# Whoever may see all of a tenant's rows is asked about by the tenant alone.
_OF_RIGHTS = ("user", "group")


def _ids(access: Access) -> dict[str, Any]:
    return {
        "user": access.user.pk,
        "tenant": access.tenant.pk,
        "group": access.role.group_id,
    }
