"""Deciding who is what in an organisation. Every change takes effect with the next request."""

from __future__ import annotations

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tenants import audit, devices, granting
from tenants.access import Access
from tenants.models import ApiKey, DefaultView, Membership, Role, SavedView, UserGrant
from tenants.versions import require_version


@audit.atomic()
def change_role(
    access: Access, membership: Membership, *, role: Role, expected_version: str | None = None
) -> Membership:
    """Give another member another role.

    Raises PermissionDenied for oneself and where the present or the new role holds more than the
    actor does, and VersionMoved where the membership has moved on from the expected version.
    """
    access, member = _decide(access, membership)
    require_version(member, expected_version)
    role = access.get(Role, role.pk)
    granting.require_grantable(access, role)
    if role == member.role:
        return member
    if member.user_id == access.user.pk:
        raise PermissionDenied(granting.OWN_ROLE)
    before, member.role = member.role, role
    member.save()
    if not granting.capabilities_of(before) <= granting.capabilities_of(role):
        _end_sessions(access, member)
    audit.record(access, "member.role_changed", member, {"role": [before.label, role.label]})
    return member


@audit.atomic()
def suspend_member(access: Access, membership: Membership) -> Membership:
    """Shut a member out for now: pages, keys and queued work. Safe to repeat.

    Their sessions go on, for the other organisations that they belong to: here every request asks
    for the membership, and so does every second of an open stream. Raises PermissionDenied, also
    for oneself: so whoever suspends an owner is another one.
    """
    access, member = _decide(access, membership)
    if member.user_id == access.user.pk:
        raise PermissionDenied("Nobody suspends themselves.")
    if not member.is_suspended:
        _set_suspended(access, member, True)
    return member


@audit.atomic()
def unsuspend_member(access: Access, membership: Membership) -> Membership:
    """Let a suspended member in again. Safe to repeat."""
    access, member = _decide(access, membership)
    if member.is_suspended:
        _set_suspended(access, member, False)
    return member


@audit.atomic()
def remove_member(access: Access, membership: Membership) -> None:
    """End a membership, with the person's keys and what was shared with them alone.

    Raises PermissionDenied and LastOwner.
    """
    access, member = _decide(access, membership)
    granting.require_another_owner(member)
    audit.record(access, "member.removed", member, {"role": [member.role.label, None]})
    end_membership(member)
    _end_sessions(access, member)


def end_membership(member: Membership) -> None:
    """Take it away with what hangs on it, in the caller's transaction, which tells the log."""
    # If they are invited again, nothing of what they had comes back by itself.
    keys = ApiKey.unscoped.filter(tenant_id=member.tenant_id, user=member.user, revoked_at=None)
    keys.update(revoked_at=timezone.now())
    for model in apps.get_models():
        if issubclass(model, UserGrant):
            of_them = model._default_manager.filter(user=member.user)
            of_them.filter(content_object__tenant=member.tenant_id).delete()
    of_theirs = {"tenant": member.tenant_id, "user": member.user}
    SavedView.unscoped.filter(**of_theirs, is_shared=False).delete()
    DefaultView.unscoped.filter(**of_theirs).delete()
    member.delete()


@audit.atomic()
def transfer_ownership(access: Access, membership: Membership) -> Membership:
    """Make another active member owner in one's own place; oneself becomes admin.

    Raises PermissionDenied for whoever is no owner, and for a member who can't get in.
    """
    access, heir = _decide(access, membership)
    if not access.is_owner or heir.user_id == access.user.pk or heir.status != "active":
        raise PermissionDenied("An owner hands ownership to another active member.")
    roles = Role.unscoped.filter(tenant=access.tenant)
    mine = Membership.unscoped.get(tenant=access.tenant, user=access.user)
    before = heir.role
    mine.role, heir.role = roles.get(slug="admin"), roles.get(slug="owner")
    mine.save()
    heir.save()
    changes = {str(heir.user): [before.label, heir.role.label]}
    changes[str(mine.user)] = [access.role.label, mine.role.label]
    audit.record(access, "tenant.ownership_transferred", heir, changes)
    return heir


def _decide(access: Access, membership: Membership) -> tuple[Access, Membership]:
    """The actor's rights and the member as they are now, locked, and within the actor's reach."""
    access = granting.deciding(access)
    member = access.get(Membership, membership.pk, "change")
    granting.require_grantable(access, member.role)
    return access, member


def _end_sessions(access: Access, member: Membership) -> None:
    """Sign out whoever lost rights; not somebody who gave up their own."""
    if member.user_id != access.user.pk:
        devices.end_sessions(member.user)


def _set_suspended(access: Access, member: Membership, is_suspended: bool) -> None:
    with audit.changing(access, member, _SUSPENSION[is_suspended]):
        member.is_suspended = is_suspended
        member.save()


_SUSPENSION = {True: "member.suspended", False: "member.unsuspended"}
