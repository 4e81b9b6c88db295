"""Inviting people, and taking an invitation."""

from __future__ import annotations

from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from tenants import attempts, audit, granting, invitation_mail, inviting
from tenants.access import Access
from tenants.attempts import TooManyAttempts
from tenants.inviting import InvitationGone
from tenants.models import Invitation, Membership, Role, Tenant, User


def invite_by_mail(
    access: Access, *, email: str, role: Role, days: int, base_url: str
) -> Invitation:
    """Mail a way in; `sent_at` stays empty where the mail server did not take it.

    Raises PermissionDenied for a role beyond the actor's, and ValidationError for an address that
    belongs to a member, is invited already or got too many invitations. Whether it has an account
    is not looked at.
    """
    email = email.strip().lower()
    with audit.atomic():
        access = granting.deciding(access)
        _refuse_known(access, email)
        invitation = Invitation(delivery=Invitation.Delivery.MAIL, email=email)
        count_mail(invitation, access.tenant)
        token = _add(access, invitation, role, days)
    return mailed(invitation, token, base_url)


@audit.atomic()
def invite_by_link(
    access: Access, *, role: Role, days: int, base_url: str
) -> tuple[Invitation, str]:
    """A way in for whoever is given the link, which is returned once. Raises PermissionDenied."""
    access = granting.deciding(access)
    invitation = Invitation(delivery=Invitation.Delivery.LINK)
    token = _add(access, invitation, role, days)
    return invitation, link_of(token, base_url)


def resend_invitation(
    access: Access, invitation: Invitation, *, days: int, base_url: str
) -> tuple[Invitation, str]:
    """A new link in place of the old: mailed again, or returned once where it was a link.

    Raises PermissionDenied, and ValidationError for an address that got too many invitations.
    """
    with audit.atomic():
        access, invitation = _decide(access, invitation)
        count_mail(invitation, access.tenant)
        before = invitation.expires_at
        token = inviting.renew(invitation, days)
        # The address that began an account with the old link has no claim to the new one.
        invitation.email = invitation.email if invitation.is_mailed else ""
        invitation.invited_by = access.user
        invitation.save()
        changes = {"expires_at": [before, invitation.expires_at]}
        audit.record(access, "invitation.renewed", invitation, changes)
    if invitation.is_mailed:
        return mailed(invitation, token, base_url), ""
    return invitation, link_of(token, base_url)


@audit.atomic()
def revoke_invitation(access: Access, invitation: Invitation) -> None:
    """Withdraw it: its link opens nothing any more."""
    access, invitation = _decide(access, invitation)
    audit.record(access, "invitation.revoked", invitation)
    invitation.delete()


@audit.atomic()
def accept_invitation(user: User, token: str) -> Membership:
    """Make the person a member, and the invitation end. Safe to repeat for the same person; raises
    InvitationGone for others.

    Who is a member already stays what they are, and the invitation stays for somebody else.
    """
    try:
        invitation = inviting.locked(token)
    except InvitationGone:
        return inviting.taken(user, token)
    if invitation.email not in ("", user.email) or not user.is_active:
        raise InvitationGone
    present = Membership.unscoped.filter(tenant=invitation.tenant, user=user).first()
    if present is not None:
        if present.is_suspended:
            raise InvitationGone
        return present
    member = Membership(tenant=invitation.tenant, user=user, role=invitation.role)
    member.invited_with = invitation.digest
    member.save(force_insert=True)
    invitation.delete()
    inviter = str(invitation.invited_by or "the platform")
    changes = {"role": [None, member.role.label], "invited_by": [None, inviter]}
    access = Access.newcomer(member)
    audit.record(access, "member.joined", member, changes)
    return member


@audit.atomic()
def begin_account(token: str, *, email: str, name: str, password: str) -> User | None:
    """A new account for whoever holds the token; None where they have to sign in next.

    A mailed token proves its address: a new account is a member at once. The holder of a link may
    name any address, so here nobody learns whether it has an account already: the link is bound to
    the address, and whoever signs in with it may take the invitation. Raises InvitationGone.
    """
    invitation = inviting.locked(token)
    email = invitation.email if invitation.is_mailed else email.strip().lower()
    if invitation.email not in ("", email):
        raise InvitationGone
    user = _new_user(email, name, password)
    if invitation.is_mailed:
        if user is not None:
            accept_invitation(user, token)
        return user
    if not invitation.email:
        invitation.email = email
        invitation.save()
        audit.record_system(
            invitation.tenant, "invitation.claimed", invitation, {"email": ["", email]}
        )
    return None


def link_of(token: str, base_url: str) -> str:
    """The address that opens an invitation. The token stands in the query, which is not logged."""
    return f"{base_url}{reverse('account:invitation')}?{urlencode({'token': token})}"


def _add(access: Access, invitation: Invitation, role: Role, days: int) -> str:
    role = access.get(Role, role.pk)
    granting.require_grantable(access, role)
    invitation.role, invitation.invited_by = role, access.user
    token = inviting.renew(invitation, days)
    access.add(invitation)
    changes = {"role": [None, role.label], "delivery": [None, invitation.delivery]}
    audit.record(access, "invitation.created", invitation, changes)
    return token


def _decide(access: Access, invitation: Invitation) -> tuple[Access, Invitation]:
    access = granting.deciding(access)
    invitation = access.get(Invitation, invitation.pk, "change")
    granting.require_grantable(access, invitation.role)
    return access, invitation


def _refuse_known(access: Access, email: str) -> None:
    if access.visible(Membership).filter(user__email=email).exists():
        raise ValidationError({"email": "This address belongs to a member already."})
    if access.visible(Invitation).filter(email=email, delivery="mail").exists():
        raise ValidationError({"email": "This address is invited already. Send it once more."})


def count_mail(invitation: Invitation, tenant: Tenant) -> None:
    """Count a mail before it is sent. Raises ValidationError for one too many to its mailbox."""
    if not invitation.is_mailed:
        return
    try:
        attempts.take(_MAILS, _mailbox(invitation, tenant))
    except TooManyAttempts as refusal:
        limit = attempts.LIMITS[_MAILS].times
        until = timezone.localtime(refusal.until)
        told = f"This address got {limit} invitations within a day."
        told += f" Send the next after {until.day} {until:%B, %H:%M %Z}."
        raise ValidationError({"email": told}) from refusal


_MAILS = "invitation to"


def _mailbox(invitation: Invitation, tenant: Tenant) -> str:
    return f"{invitation.email} of {tenant.pk}"


def mailed(invitation: Invitation, token: str, base_url: str) -> Invitation:
    """Send it, after the transaction that made it; `sent_at` stays empty where that failed."""
    sent = invitation_mail.send(invitation, link_of(token, base_url))
    if not sent:
        attempts.give_back(_MAILS, _mailbox(invitation, invitation.tenant))
    invitation.sent_at = timezone.now() if sent else None
    Invitation.unscoped.filter(pk=invitation.pk).update(sent_at=invitation.sent_at)
    return invitation


def _new_user(email: str, name: str, password: str) -> User | None:
    """None for an address that has an account; it takes as long as making one."""
    user = User(email=email, name=name)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
    except IntegrityError:
        return None
    return user
