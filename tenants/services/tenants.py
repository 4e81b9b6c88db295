"""Making organisations and their members, and what an organisation decides for itself."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError

from tenants import audit, slugs, time_zones
from tenants.access import Access
from tenants.capabilities import BUILT_IN_ROLES
from tenants.models import Membership, Role, Tenant, TenantOwned, TenantRoleGrant, User
from tenants.outbound.hosts import MOST_PATTERNS, checked_pattern
from tenants.versions import require_version


@audit.atomic()
def create_tenant(*, slug: str, name: str, owner: User | None = None) -> Tenant:
    """A tenant with its built-in roles, and its first owner where one is given.

    Raises ValidationError at `slug`.
    """
    tenant = new_tenant(slug=slug, name=name)
    audit.record_system(tenant, "tenant.created", tenant)
    if owner:
        add_member(tenant, owner, role="owner")
    return tenant


def new_tenant(*, slug: str, name: str, time_zone: str = "UTC") -> Tenant:
    """The rows of a new tenant, in the caller's transaction. Raises ValidationError by field."""
    slugs.claim(slug)
    tenant = Tenant(slug=slug, name=name, time_zone=time_zone)
    _check(tenant)
    tenant.save(force_insert=True)
    _create_built_in_roles(tenant)
    return tenant


@audit.atomic()
def update_tenant(
    access: Access, *, expected_version: int | None = None, **settings: Any
) -> Tenant:
    """Change what the organisation decides for itself, by the names of the tenant's fields.

    A former slug goes on leading to it. Raises PermissionDenied, VersionMoved, and ValidationError
    by field. A call that changes nothing leaves no trace.
    """
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=access.tenant.pk)
    access.renewed().require("manage_tenant")
    require_version(tenant, expected_version)
    before = {name: getattr(tenant, name) for name in settings}
    for name, value in settings.items():
        setattr(tenant, name, value)
    if tenant.slug != before.get("slug", tenant.slug):
        slugs.claim(tenant.slug, tenant)
    _check(tenant)
    _save_if_changed(access, tenant, before)
    return tenant


def _save_if_changed(access: Access, tenant: Tenant, before: dict[str, Any]) -> None:
    after = {name: getattr(tenant, name) for name in before}
    changes = {
        name: [_told(old), _told(after[name])] for name, old in before.items() if old != after[name]
    }
    if changes:
        tenant.version += 1
        tenant.save()
        if "slug" in changes:
            slugs.keep_former(tenant, before["slug"])
        audit.record(access, "tenant.updated", tenant, changes)


@audit.atomic()
def add_member(tenant: Tenant, user: User, *, role: str) -> Membership:
    """Give a person a role in a tenant; a member keeps one role, the last given."""
    membership, _ = Membership.unscoped.update_or_create(
        tenant=tenant,
        user=user,
        defaults={"role": Role.unscoped.get(tenant=tenant, slug=role)},
    )
    audit.record_system(tenant, "member.added", membership, {"role": [None, role]})
    return membership


def remember_tenant(access: Access) -> None:
    """Have the person's next sign-in lead here."""
    if access.user.last_tenant_id != access.tenant.pk:
        User.objects.filter(pk=access.user.pk).update(last_tenant=access.tenant)


def _check(tenant: Tenant) -> None:
    """Raises ValidationError by field; host patterns are left in their one spelling."""
    problems: dict[str, list[str]] = {}
    if tenant.time_zone not in time_zones.names():
        problems["time_zone"] = ["There is no such time zone."]
    try:
        patterns = [checked_pattern(pattern) for pattern in tenant.allowed_hosts]
        tenant.allowed_hosts = list(dict.fromkeys(patterns))
    except ValueError as problem:
        problems["allowed_hosts"] = [str(problem)]
    if len(tenant.allowed_hosts) > MOST_PATTERNS:
        problems["allowed_hosts"] = [f"At most {MOST_PATTERNS} hosts."]
    provider = tenant.default_provider
    if provider is not None and provider.tenant_id != tenant.pk:
        problems["default_provider"] = ["There is no such provider."]
    tenant.retention_days = tenant.retention_days or None
    if problems:
        raise ValidationError(problems)
    tenant.full_clean(exclude=["default_provider"])


def _told(value: Any) -> Any:
    """Of another row not its name: who reads of it may be told that, or not."""
    return str(value.pk) if isinstance(value, TenantOwned) else value


def _create_built_in_roles(tenant: Tenant) -> None:
    """All five with what they may do, in four statements."""
    groups = Group.objects.bulk_create(Group(name=f"{tenant.pk}:{slug}") for slug in BUILT_IN_ROLES)
    permissions = Permission.objects.filter(content_type=ContentType.objects.get_for_model(Tenant))
    numbers = dict(permissions.values_list("codename", "pk"))
    TenantRoleGrant.objects.bulk_create(
        TenantRoleGrant(group=group, permission_id=numbers[capability], content_object=tenant)
        for group, (_, capabilities) in zip(groups, BUILT_IN_ROLES.values(), strict=True)
        for capability in sorted(capabilities)
    )
    Role.unscoped.bulk_create(
        Role(tenant=tenant, group=group, slug=slug, label=label, is_built_in=True)
        for group, (slug, (label, _)) in zip(groups, BUILT_IN_ROLES.items(), strict=True)
    )
