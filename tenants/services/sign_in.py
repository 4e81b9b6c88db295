"""An organisation's own sign-in: setting it up, and letting people in through it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from tenants import audit, devices, granting, reach, secrets, signing_in
from tenants.access import Access, memberships
from tenants.factors import has_factor
from tenants.models import Membership, Role, Secret, SignInProvider, Tenant, User
from tenants.models.names import without_hidden
from tenants.versions import require_version

# Whoever is asked under another of these is another service, whose people are other people.
IDENTIFYING = ("kind", "server_url", "client_id")


class NotAdmitted(Exception):
    """Somebody who came through a sign-in does not get in; the message is for them."""


@audit.atomic()
def create_sign_in(access: Access, *, client_secret: str, **fields: Any) -> SignInProvider:
    """A new way in.

    Raises PermissionDenied for a role beyond the actor's, and ValidationError for the owner's and
    for a name that is taken.
    """
    access = granting.deciding(access)
    _require_role(access, fields["role"])
    provider = SignInProvider(tenant=access.tenant, **fields)
    provider.validate()
    provider.secret = _kept(access, provider.name, client_secret)
    access.add(provider)
    audit.record(access, "sign_in.created", provider, _told(provider))
    return provider


@audit.atomic()
def update_sign_in(
    access: Access,
    provider: SignInProvider,
    *,
    client_secret: str = "",
    expected_version: str | None = None,
    **fields: Any,
) -> SignInProvider:
    """Change it. Under another server or client everybody has to connect anew.

    Raises PermissionDenied as `create_sign_in`, ValidationError where the secret would go to a
    server that it was not typed for, and VersionMoved where it has moved on from the expected
    version.
    """
    access = granting.deciding(access)
    _require_role(access, fields["role"])
    stored = access.get(SignInProvider, provider.pk, "change")
    require_version(stored, expected_version)
    before = _told(stored)
    is_another = any(getattr(stored, name) != fields[name] for name in IDENTIFYING)
    if _host(fields) != _host(vars(stored)) and not client_secret:
        message = "This is another server. Type the client secret that it gave you."
        raise ValidationError({"client_secret": message})
    _set(stored, fields)
    if client_secret:
        _replace(access, stored.secret, client_secret)
    if is_another:
        _forget_identities(stored)
    elif not stored.is_enabled:
        for identity in _identities(stored):
            devices.end_sessions(identity.user)
    changes: audit.Changes = {name: [before[name], now] for name, now in _told(stored).items()}
    changes = {name: pair for name, pair in changes.items() if pair[0] != pair[1]}
    if client_secret:
        changes |= {"value": "changed"}
    if changes:
        audit.record(access, "sign_in.updated", stored, changes)
    return stored


@audit.atomic()
def delete_sign_in(access: Access, provider: SignInProvider) -> None:
    """Take the way in away, with the sessions that it opened and its client secret."""
    access = granting.deciding(access)
    provider = access.get(SignInProvider, provider.pk, "delete")
    audit.record(access, "sign_in.deleted", provider)
    _forget_identities(provider)
    secret = provider.secret
    provider.delete()
    secret.delete()


@audit.atomic()
def require_factor(
    access: Access, *, is_required: bool, expected_version: int | str | None = None
) -> Tenant:
    """Open the organisation only to members with a second factor, or to all.

    Raises ValidationError where the actor has none, who would be shut out at once, and VersionMoved
    where the organisation has moved on from the expected version.
    """
    access = granting.deciding(access)
    access.require("manage_tenant")
    if is_required and not has_factor(access.user):
        raise ValidationError("Set up a second factor for yourself first.")
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=access.tenant.pk)
    require_version(tenant, expected_version)
    before, tenant.requires_second_factor = tenant.requires_second_factor, is_required
    if before != is_required:
        tenant.version += 1
        tenant.save(update_fields=["requires_second_factor", "version"])
        changes = {"requires_second_factor": [before, is_required]}
        audit.record(access, "tenant.second_factor_changed", tenant, changes)
    return tenant


@audit.atomic()
def join_through(
    provider: SignInProvider, *, uid: str, emails: list[str], name: str
) -> SocialAccount:
    """A new account and member for whom the organisation's sign-in vouches.

    `emails` are those that it has verified. An address that has an account already is not taken:
    a server can claim every address, so only its person connects the two. Raises NotAdmitted.
    """
    present = _still(provider)
    email = next((e for e in emails if e.rpartition("@")[2] in present.domains), None)
    if email is None:
        domains = ", ".join(present.domains)
        raise NotAdmitted(f"This sign-in admits verified addresses of {domains} only.")
    try:
        with transaction.atomic():
            # Signs that names may not hold are left out: nobody here typed them.
            user = User.objects.create_user(email, None, name=without_hidden(name)[:120])
    except IntegrityError as taken:  # perhaps at this moment, by another organisation's sign-in
        if not User.objects.filter(email=email).exists():
            raise
        raise NotAdmitted(
            f"There is an account for {email}. Sign in with its password or passkey, and connect "
            f"{present} there under “Connected”."
        ) from taken
    EmailAddress.objects.create(user=user, email=email, primary=True)
    key = reach.provider_key(present.tenant_id, present.pk)
    identity = SocialAccount.objects.create(user=user, provider=key, uid=uid)
    member = Membership(tenant=present.tenant, user=user, role=present.role)
    member.save(force_insert=True)
    changes = {"role": [None, present.role.label], "sign_in": [None, present.name]}
    audit.record(Access.newcomer(member), "member.joined", member, changes)
    return identity


@audit.atomic()
def come_through(provider: SignInProvider, user: User) -> None:
    """Let a member in whose identity is connected. Raises NotAdmitted."""
    _require_member(user, _still(provider))


@audit.atomic()
def connect_through(provider: SignInProvider, user: User, identity: SocialAccount) -> bool:
    """Connect an identity, which is not saved yet, to a member's account; whether it is new there.

    Raises NotAdmitted, also for an identity of another account.
    """
    _require_member(user, _still(provider))
    known = _identities(provider).filter(uid=identity.uid).first()
    if known is None:
        identity.user = user
        identity.save(force_insert=True)
    elif known.user_id != user.pk:
        raise NotAdmitted("That identity belongs to another account.")
    return known is None


def _still(provider: SignInProvider) -> SignInProvider:
    """The sign-in as it is now, which stays so until the transaction ends, for one whose server
    said who somebody is. Raises NotAdmitted where it is no longer that server."""
    Tenant.objects.select_for_update(no_key=True).get(pk=provider.tenant_id)
    present = signing_in.by_ids(provider.tenant_id, provider.pk)
    if present is None:
        raise NotAdmitted("This sign-in lets nobody in any more.")
    # Under another server the same identifier may be somebody else.
    if any(getattr(present, name) != getattr(provider, name) for name in IDENTIFYING):
        raise NotAdmitted("This sign-in goes to another server now. Start again.")
    return present


def _require_member(user: User, provider: SignInProvider) -> None:
    if not memberships(user, within=provider.tenant_id).exists() or not user.is_active:
        raise NotAdmitted(f"You are no member of {provider.tenant}. Ask its owners to invite you.")


def _set(provider: SignInProvider, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        setattr(provider, name, value)
    provider.validate()
    provider.save()
    _call(provider.secret, provider.name)


def _kept(access: Access, name: str, value: str) -> Secret:
    """The client secret, which is the sign-in's own: its event tells of both."""
    held_for = Secret.HeldFor.SIGN_IN
    secret = Secret(held_for=held_for, tenant=access.tenant, created_by=access.user)
    secrets.seal(secret, value)
    _call(secret, name)
    return secret


def _call(secret: Secret, name: str) -> None:
    """Name it like its sign-in, whose former name may be another's."""
    secret.name = f"Sign-in {name}"
    secret.validate()
    secret.save()


def _replace(access: Access, secret: Secret, value: str) -> None:
    secrets.seal(secret, value)
    secret.replaced_at, secret.replaced_by = timezone.now(), access.user
    secret.save()


def _require_role(access: Access, role: Role) -> None:
    role = access.get(Role, role.pk)
    if role.is_owner:
        raise ValidationError({"role": "Nobody becomes owner by signing in."})
    granting.require_grantable(access, role)


def _host(fields: dict[str, Any]) -> tuple[str, str]:
    parts = urlsplit(fields["server_url"].lower())
    return fields["kind"], f"{parts.scheme}://{parts.netloc}"


def _identities(provider: SignInProvider) -> QuerySet[SocialAccount]:
    key = reach.provider_key(provider.tenant_id, provider.pk)
    found: QuerySet[SocialAccount] = SocialAccount.objects.filter(provider=key)
    return found.select_related("user")


def _forget_identities(provider: SignInProvider) -> None:
    identities = _identities(provider)
    for identity in identities:
        devices.end_sessions(identity.user)
    identities.delete()


def _told(provider: SignInProvider) -> dict[str, Any]:
    names = ("name", "kind", "server_url", "client_id", "domains", "is_enabled")
    return {**{name: getattr(provider, name) for name in names}, "role": provider.role.label}
