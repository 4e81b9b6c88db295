"""Making roles. Nobody puts more into one than they hold; a change holds with the next request."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils.text import slugify

from tenants import audit, granting
from tenants.access import Access
from tenants.capabilities import LABELS, closure
from tenants.models import Invitation, Membership, Role, SignInProvider, Tenant, TenantRoleGrant
from tenants.versions import require_version

BUILT_IN = "Built-in roles stay as they are. Duplicate one and change the copy."


class RoleInUse(Exception):
    """Members or invitations have the role, and nobody said which they get instead."""


@audit.atomic()
def create_role(
    access: Access, *, label: str, capabilities: Collection[str], description: str = ""
) -> Role:
    """A role of this organisation's own. With a capability come those that it includes.

    Raises PermissionDenied for one that the actor does not hold, ValidationError for a taken name.
    """
    access = granting.deciding(access)
    chosen = _within(access, capabilities)
    _require_free_label(access, label)
    slug = _free_slug(access, label)
    role = Role(slug=slug, label=label, description=description)
    role.group = Group.objects.create(name=f"{access.tenant.pk}:{slug}")
    access.add(role)
    _set_capabilities(role, chosen)
    changes = {"label": [None, label], "capabilities": [None, sorted(chosen)]}
    audit.record(access, "role.created", role, changes)
    return role


@audit.atomic()
def update_role(
    access: Access,
    role: Role,
    *,
    label: str,
    capabilities: Collection[str],
    description: str = "",
    expected_version: str | None = None,
) -> Role:
    """Change what a role is called and what it holds.

    Raises as `create_role`, and VersionMoved where it has moved on from the expected version.
    """
    access, role = _decide(access, role)
    require_version(role, expected_version)
    chosen = _within(access, capabilities)
    _require_free_label(access, label, role)
    before = _state(role)
    role.label, role.description = label, description
    role.validate()
    role.save()
    _set_capabilities(role, chosen)
    after = _state(role)
    changes = {name: [before[name], after[name]] for name in after if before[name] != after[name]}
    if changes:
        audit.record(access, "role.updated", role, changes)
    return role


@audit.atomic()
def delete_role(access: Access, role: Role, *, move_to: Role | None = None) -> None:
    """Delete a role; its members and open invitations get another where one is named.

    What was shared with the role is shared with it no longer. Raises PermissionDenied, also for
    one's own role, and, where somebody has the role and no other is named, RoleInUse.
    """
    access, role = _decide(access, role)
    if role.pk == access.role.pk:
        raise PermissionDenied(granting.OWN_ROLE)
    members = Membership.unscoped.filter(role=role)
    invitations = Invitation.unscoped.filter(role=role)
    sign_ins = SignInProvider.unscoped.filter(role=role)
    changes: audit.Changes = {"capabilities": [sorted(granting.capabilities_of(role)), None]}
    if members or invitations or sign_ins:
        if move_to is None or move_to.pk == role.pk:
            raise RoleInUse
        move_to = access.get(Role, move_to.pk)
        granting.require_grantable(access, move_to)
        moved = [str(member.user) for member in members.select_related("user")]
        changes["members"] = [{role.label: moved}, {move_to.label: moved}]
        members.update(role=move_to)
        invitations.update(role=move_to)
        sign_ins.update(role=move_to)
    audit.record(access, "role.deleted", role, changes)
    group = role.group
    role.delete()
    group.delete()


def _decide(access: Access, role: Role) -> tuple[Access, Role]:
    access = granting.deciding(access)
    role = access.get(Role, role.pk, "change")
    if role.is_built_in:
        raise PermissionDenied(BUILT_IN)
    granting.require_grantable(access, role)
    return access, role


def _within(access: Access, capabilities: Collection[str]) -> frozenset[str]:
    if unknown := set(capabilities) - set(LABELS):
        raise ValidationError({"capabilities": f"There is no right {min(unknown)!r}."})
    chosen = closure(set(capabilities))
    if not chosen <= access.capabilities:
        raise PermissionDenied(granting.BEYOND)
    return chosen


def _require_free_label(access: Access, label: str, role: Role | None = None) -> None:
    others = access.visible(Role)
    others = others.exclude(pk=role.pk) if role else others
    if others.filter(label__iexact=label).exists():
        raise ValidationError({"label": "Another role has this name."})


def _free_slug(access: Access, label: str) -> str:
    base = slugify(label)[:50] or "role"
    taken = set(access.visible(Role).values_list("slug", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return base if base not in taken else next(slug for slug in numbered if slug not in taken)


def _state(role: Role) -> dict[str, object]:
    held = sorted(granting.capabilities_of(role))
    return {"label": role.label, "description": role.description, "capabilities": held}


def _set_capabilities(role: Role, chosen: Collection[str]) -> None:
    grants = TenantRoleGrant.objects
    grants.filter(group_id=role.group_id, content_object_id=role.tenant_id).delete()
    permissions = Permission.objects.filter(
        content_type=ContentType.objects.get_for_model(Tenant), codename__in=chosen
    )
    grants.bulk_create(
        TenantRoleGrant(group=role.group, permission=permission, content_object=role.tenant)
        for permission in permissions
    )
