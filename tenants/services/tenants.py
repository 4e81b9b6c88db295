"""Making organisations and their members."""

from __future__ import annotations

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from tenants import audit
from tenants.capabilities import BUILT_IN_ROLES
from tenants.models import Membership, Role, Tenant, TenantRoleGrant, User


@transaction.atomic
def create_tenant(*, slug: str, name: str, owner: User | None = None) -> Tenant:
    """A tenant with its built-in roles, and its first owner where one is given."""
    tenant = Tenant.objects.create(slug=slug, name=name)
    for role_slug, (label, capabilities) in BUILT_IN_ROLES.items():
        _create_role(tenant, role_slug, label, capabilities)
    audit.record_system(tenant, "tenant.created", tenant)
    if owner:
        add_member(tenant, owner, role="owner")
    return tenant


@transaction.atomic
def add_member(tenant: Tenant, user: User, *, role: str) -> Membership:
    """Give a person a role in a tenant; a member keeps one role, the last given."""
    membership, _ = Membership.unscoped.update_or_create(
        tenant=tenant,
        user=user,
        defaults={"role": Role.unscoped.get(tenant=tenant, slug=role)},
    )
    audit.record_system(tenant, "member.added", membership, {"role": [None, role]})
    return membership


def _create_role(tenant: Tenant, slug: str, label: str, capabilities: set[str]) -> Role:
    group = Group.objects.create(name=f"{tenant.pk}:{slug}")
    permissions = Permission.objects.filter(
        content_type=ContentType.objects.get_for_model(Tenant), codename__in=capabilities
    )
    TenantRoleGrant.objects.bulk_create(
        TenantRoleGrant(group=group, permission=permission, content_object=tenant)
        for permission in permissions
    )
    return Role.unscoped.create(
        tenant=tenant, group=group, slug=slug, label=label, is_built_in=True
    )
