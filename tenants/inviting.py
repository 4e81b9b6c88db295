"""Invitations by their token: making one, finding what it opens, taking it once."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from tenants import granting
from tenants.access import Access, memberships
from tenants.models import Invitation, Membership, Tenant, User

TOKEN_BYTES = 32
LIFETIMES = {1: "1 day", 7: "7 days", 30: "30 days"}
USUAL_LIFETIME = 7


class InvitationGone(Exception):
    """The token opens nothing: used, withdrawn, expired, never made, or no longer backed."""


def renew(invitation: Invitation, days: int) -> str:
    """Give the unsaved row a new token, which is returned once; an earlier one opens nothing."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation.digest = digest(token)
    invitation.expires_at = timezone.now() + timedelta(days=days)
    return token


def digest(token: str) -> str:
    """What is kept of a token. It is random and long, so it needs no salt and no slow hash."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def opened_by(token: str) -> Invitation:
    """The invitation that this token opens now. Raises InvitationGone for whatever reason."""
    rows = Invitation.unscoped.select_related("tenant", "role", "invited_by")
    open_now = rows.filter(expires_at__gt=timezone.now(), tenant__archived_at=None)
    found = open_now.filter(digest=digest(token)).first()
    if found is None or not _is_backed(found):
        raise InvitationGone
    return found


def locked(token: str) -> Invitation:
    """The same, while nobody else decides about members of the tenant. Raises InvitationGone."""
    seen = opened_by(token)
    Tenant.objects.select_for_update(no_key=True).get(pk=seen.tenant_id)
    return opened_by(token)


def taken(user: User, token: str) -> Membership:
    """The membership that this person got with this token, as far as it lets them in now: who
    clicks twice is led where the first click led. Raises InvitationGone for everybody else."""
    member = memberships(user).filter(invited_with=digest(token)).first()
    if member is None:
        raise InvitationGone
    return member


def _is_backed(invitation: Invitation) -> bool:
    """Whether who invited may still give this role: nothing is granted by who lost the right."""
    if invitation.invited_by_id is None:
        return True
    try:
        access = Access.for_member(invitation.invited_by_id, invitation.tenant_id)
        access.require("manage_members")
        granting.require_grantable(access, invitation.role)
    except (Http404, PermissionDenied):
        return False
    return True
