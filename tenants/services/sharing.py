"""Sharing an object: restricting it, and granting or denying it to a person or a role.

Every change takes effect with the next request.
"""

from __future__ import annotations

from typing import TypeVar

from django.core.exceptions import PermissionDenied, ValidationError

from tenants import audit, granting, sharing
from tenants.access import Access
from tenants.models import Membership, Shareable
from tenants.sharing import Holder, Share

S = TypeVar("S", bound=Shareable)

OWNERS = "Owners can’t be denied anything: they could lift the denial themselves."
LOCKED_OUT = (
    "You would lose the right to share this yourself. Ask somebody else who may share it, or an"
    " owner, to make this change."
)


@audit.atomic()
def restrict(access: Access, row: S, *, is_restricted: bool) -> S:
    """Leave a row to those it is shared with, or open it to roles again. Safe to repeat.

    Who restricts it and would lose it by that is granted all of it in the same step.
    Raises PermissionDenied without the right to share the row.
    """
    access, row = _decide(access, row)
    if row.is_restricted == is_restricted:
        return row
    changes: audit.Changes = {"restricted": [row.is_restricted, is_restricted]}
    row.is_restricted = is_restricted
    row.version += 1
    # Not `updated_at`: what the object says has not changed.
    row.save(update_fields=["is_restricted", "version"])
    if not access.may_do(row, "manage"):
        changes |= _keep(access, row)
    audit.record(access, f"{row._meta.model_name}.access_changed", row, changes)
    return row


@audit.atomic()
def share(access: Access, row: Shareable, holder: Holder, *, allowed: str, denied: str) -> Share:
    """Let exactly this stand for a person or a role: the rung they get, and the rung denied.

    Empty is nothing. Safe to repeat. Raises ValidationError for a rung that the row does not have
    and for the denial of an owner, PermissionDenied without the right to share the row and where
    the actor would lose that right.
    """
    access, row = _decide(access, row)
    holder = _still_there(access, holder)
    _require_rungs(row, allowed=allowed, denied=denied)
    if denied and _is_owner(holder):
        raise ValidationError({"denied": OWNERS})
    before, after = sharing.share_of(row, holder), Share(holder, allowed, denied)
    if before == after:
        return after
    sharing.put(row, after)
    if not access.may_do(row, "manage"):
        raise PermissionDenied(LOCKED_OUT)
    changes = sharing.told_of(after, before.told)
    audit.record(access, f"{row._meta.model_name}.access_changed", row, changes)
    return after


def _decide(access: Access, row: S) -> tuple[Access, S]:
    """The actor's rights and the row as they are now; neither changes before the end."""
    access = granting.settled(access)
    rows = type(row).unscoped.select_for_update(of=("self",), no_key=True)
    list(rows.filter(tenant=access.tenant, pk=row.pk))
    return access, access.get(type(row), row.pk, "manage")


def _still_there(access: Access, holder: Holder) -> Holder:
    """The member or role as it is now. Raises Http404 where it has gone."""
    if isinstance(holder, Membership):
        return sharing.member(access, holder.pk)
    return sharing.role(access, holder.pk)


def _require_rungs(row: Shareable, **chosen: str) -> None:
    for name, rung in chosen.items():
        if rung and rung not in sharing.rungs_of(type(row)):
            raise ValidationError({name: f"“{rung}” is no right on a {row._meta.verbose_name}."})


def _is_owner(holder: Holder) -> bool:
    role = holder.role if isinstance(holder, Membership) else holder
    return role.is_owner


def _keep(access: Access, row: Shareable) -> audit.Changes:
    """Grant the row to the actor, who has just shut themselves out of it."""
    holder = sharing.members(access).get(user_id=access.user.pk)
    before = sharing.share_of(row, holder)
    after = Share(holder, sharing.rungs_of(type(row))[-1], before.denied)
    sharing.put(row, after)
    return sharing.told_of(after, before.told)
