"""Nobody grants what they do not hold: which roles a person may give, and on whom they may act."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from tenants.access import Access
from tenants.capabilities import closure
from tenants.models import (
    Invitation,
    Membership,
    Role,
    SignInProvider,
    Tenant,
    TenantRoleGrant,
)

BEYOND = "That role holds more than yours does."
# With another one, were it a copy, they would leave behind what is denied to theirs.
OWN_ROLE = (
    "Nobody changes their own role: somebody else who keeps members does. An owner hands over the "
    "ownership instead."
)


class LastOwner(Exception):
    """The change would leave the organisation without anybody who owns it."""

    def __init__(self) -> None:
        super().__init__(
            "An organisation keeps at least one owner. Make somebody else owner first."
        )


def deciding(access: Access) -> Access:
    """The rights of now, while nobody else changes members or roles of this tenant.

    Call it first in the transaction of the change: whoever decided meanwhile has then decided.
    Raises Http404 or PermissionDenied where the right to decide has ended.
    """
    renewed = settled(access)
    renewed.require("manage_members")
    return renewed


def settled(access: Access) -> Access:
    """The rights of now, which no change of members or roles can alter before the transaction ends.

    Raises Http404 where the person is no active member any more.
    """
    # Not FOR UPDATE, which every insert of a row of this tenant would wait for.
    Tenant.objects.select_for_update(no_key=True).get(pk=access.tenant.pk)
    return access.renewed()


def with_capabilities(roles: QuerySet[Role]) -> QuerySet[Any]:
    """The roles, each with `granted`: the list of its capabilities."""
    grants = TenantRoleGrant.objects.filter(
        group_id=OuterRef("group_id"), content_object_id=OuterRef("tenant_id")
    )
    return roles.annotate(granted=ArraySubquery(grants.values("permission__codename")))


def with_use(roles: QuerySet[Role]) -> QuerySet[Any]:
    """The roles, each with `members`, `invitations` and `sign_ins`: how many have it, or give it
    to newcomers."""
    return roles.annotate(
        members=_how_many(Membership),
        invitations=_how_many(Invitation),
        sign_ins=_how_many(SignInProvider),
    )


def _how_many(model: type[Membership | Invitation | SignInProvider]) -> Coalesce:
    having = model.unscoped.filter(role_id=OuterRef("pk")).order_by().values("role_id")
    return Coalesce(Subquery(having.annotate(n=Count("pk")).values("n")), 0)


def capabilities_of(role: Role) -> frozenset[str]:
    """All that a role may do."""
    grants = TenantRoleGrant.objects.filter(
        group_id=role.group_id, content_object_id=role.tenant_id
    )
    return closure(set(grants.values_list("permission__codename", flat=True)))


def reachable(access: Access) -> set[UUID]:
    """The roles on whose members and invitations this person may act now; none in an archived
    tenant."""
    if access.is_read_only:
        return set()
    return set(grantable(access).values_list("pk", flat=True))


def grantable(access: Access) -> QuerySet[Role]:
    """The roles that this person may give: those that hold no more than theirs.

    The same roles' members are those on whom they may act.
    """
    roles = with_capabilities(access.visible(Role))
    within = roles.filter(granted__contained_by=sorted(access.capabilities))
    return within if access.is_owner else within.exclude(is_built_in=True, slug="owner")


def require_grantable(access: Access, role: Role) -> None:
    """Raise PermissionDenied for a role that holds more than this person does."""
    if role.is_owner and not access.is_owner:
        raise PermissionDenied("Only an owner decides who is owner.")
    if not capabilities_of(role) <= access.capabilities:
        raise PermissionDenied(BEYOND)


def require_another_owner(membership: Membership) -> None:
    """Raise LastOwner where this member alone owns the tenant. Call it after `deciding`."""
    if not membership.role.is_owner:
        return
    others = Membership.unscoped.filter(
        tenant_id=membership.tenant_id,
        role_id=membership.role_id,
        is_suspended=False,
        user__is_active=True,
    )
    if not others.exclude(pk=membership.pk).exists():
        raise LastOwner
