"""What whoever looks after the platform does: make organisations, join one, leave it."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404

from tenants import audit, granting, inviting
from tenants.models import Invitation, Membership, Role, Tenant, User
from tenants.platform import Platform
from tenants.services.invitations import count_mail, mailed
from tenants.services.members import end_membership
from tenants.services.tenants import new_tenant

ARCHIVED = "An archived organisation takes nobody in. Bring it back first."


def found_tenant(
    platform: Platform | None, *, name: str, slug: str, time_zone: str, email: str, base_url: str
) -> tuple[Tenant, Invitation | None]:
    """A new organisation, whose owner is invited by mail; a platform admin owns it at once.

    `platform` is None for who commands the machine. Raises ValidationError by field.
    """
    email = email.strip().lower()
    with transaction.atomic():
        tenant = new_tenant(name=name, slug=slug, time_zone=time_zone)
        changes = {"slug": [None, slug], "owner": [None, email]}
        _note(platform, tenant, "tenant.created", changes)
        invitation, token = _give_owner(tenant, email)
    return tenant, mailed(invitation, token, base_url) if invitation else None


def invite_owner(
    platform: Platform, tenant: Tenant, *, email: str, base_url: str
) -> Invitation | None:
    """An owner for an organisation that has none: invited (once more); its members and platform
    admins at once.

    Raises ValidationError: whoever has an owner finds others without the platform's help, an
    archived organisation takes nobody in, and nobody's mailbox is filled.
    """
    email = email.strip().lower()
    with transaction.atomic():
        tenant = _locked(platform, tenant)
        if tenant.is_archived:
            raise ValidationError({"email": ARCHIVED})
        if owners_of(tenant):
            raise ValidationError({"email": "This organisation has an owner, who can invite."})
        _note(platform, tenant, "tenant.owner_invited", {"owner": [None, email]})
        invitation, token = _give_owner(tenant, email)
    return mailed(invitation, token, base_url) if invitation else None


@transaction.atomic
def join_tenant(platform: Platform, tenant: Tenant, *, role: str, reason: str) -> Membership:
    """Become a member with a built-in role, for a reason that its members read.

    Raises ValidationError without a reason, for who belongs to it, if only as suspended, and for
    an archived organisation.
    """
    tenant = _locked(platform, tenant)
    if tenant.is_archived:
        raise ValidationError({"role": ARCHIVED})
    if not reason.strip():
        raise ValidationError({"reason": "Say why: the members of the organisation read it."})
    if Membership.unscoped.filter(tenant=tenant, user=platform.user).exists():
        raise ValidationError({"role": "You belong to this organisation already."})
    given = Role.unscoped.get(tenant=tenant, is_built_in=True, slug=role)
    member = Membership(tenant=tenant, user=platform.user, role=given)
    member.platform_reason = reason.strip()
    member.save(force_insert=True)
    changes = {"role": [None, given.label], "reason": [None, member.platform_reason]}
    audit.record_platform(platform, tenant, "member.joined_from_platform", member, changes)
    return member


@transaction.atomic
def leave_tenant(platform: Platform, tenant: Tenant) -> None:
    """End what `join_tenant` began. Raises Http404 where it did not, LastOwner, and
    PermissionDenied for whom the organisation has suspended: they could join anew."""
    tenant = _locked(platform, tenant)
    joined = Membership.unscoped.filter(tenant=tenant, user=platform.user)
    member = joined.exclude(platform_reason="").select_related("role", "user").first()
    if member is None:
        raise Http404("No such membership.")
    if member.is_suspended:
        raise PermissionDenied("This organisation has suspended you. Only it lets you in again.")
    granting.require_another_owner(member)
    changes = {"role": [member.role.label, None]}
    audit.record_platform(platform, tenant, "member.left_to_platform", member, changes)
    end_membership(member)


def owners_of(tenant: Tenant) -> list[Membership]:
    """Its owners who get in, oldest first."""
    owners = Membership.unscoped.filter(
        tenant=tenant, role__is_built_in=True, role__slug="owner", is_suspended=False
    )
    active = owners.filter(user__is_active=True).select_related("user", "role")
    return list(active.order_by("created_at"))


def membership_of(platform: Platform, tenant: Tenant) -> Membership | None:
    """What the person who looks is in the tenant, joined or invited; None for no member."""
    mine = Membership.unscoped.filter(tenant=tenant, user=platform.user)
    return mine.select_related("role").first()


def _locked(platform: Platform, tenant: Tenant) -> Tenant:
    return platform.tenants().select_for_update(no_key=True).get(pk=tenant.pk)


def _give_owner(tenant: Tenant, email: str) -> tuple[Invitation | None, str]:
    """The membership of a known person, or an invitation to send with its token.

    An account alone proves nothing: whoever was given a link began it with any address. So the
    mailbox has to tell, but for those whom the organisation or the operator knows.
    """
    role = Role.unscoped.get(tenant=tenant, is_built_in=True, slug="owner")
    user = _known(tenant, email)
    if user is None:
        invitation = Invitation.unscoped.filter(tenant=tenant, email=email, delivery="mail").first()
        invitation = invitation or Invitation(tenant=tenant, email=email)
        invitation.role, invitation.invited_by = role, None
        token = inviting.renew(invitation, inviting.USUAL_LIFETIME)
        invitation.full_clean(exclude=["tenant"])
        count_mail(invitation, tenant)
        invitation.save()
        return invitation, token
    if not user.is_active:
        raise ValidationError({"email": "The account with this address is switched off."})
    Membership.unscoped.update_or_create(
        tenant=tenant, user=user, defaults={"role": role, "is_suspended": False}
    )
    return None, ""


def _known(tenant: Tenant, email: str) -> User | None:
    """The member or platform admin with this address, if there is one."""
    user = User.objects.filter(email=email).first()
    if user is None or user.is_platform_admin:
        return user
    is_member = Membership.unscoped.filter(tenant=tenant, user=user).exists()
    return user if is_member else None


def _note(platform: Platform | None, tenant: Tenant, action: str, changes: audit.Changes) -> None:
    if platform is None:
        audit.record_system(tenant, action, tenant, changes)
    else:
        audit.record_platform(platform, tenant, action, tenant, changes)
