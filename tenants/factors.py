"""Second factors: who has one, of whom one is required, and which codes were used."""

from __future__ import annotations

from uuid import UUID

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.db.models import (
    BooleanField,
    CharField,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Q,
    Value,
)
from django.db.models.functions import Cast, Concat
from django.http import Http404

from tenants.models import Membership, SignInProvider, Tenant, User

# Recovery codes stand in for one of these; alone they are no second factor.
KINDS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
# Longer than any code stays valid: three periods of 30 seconds.
REMEMBERED = 120.0

# By what name django-allauth knows a sign-in: `reach.provider_key`.
_KEY = Concat(Cast("tenant_id", CharField()), Value(":"), Cast("pk", CharField()))

# What a sealed seed is bound to, so that nothing else that was sealed opens as one.
SEALED_FOR = "mfa"


def of(user_field: str) -> Exists:
    """Whether the person named by this field of the outer query has a second factor."""
    return Exists(Authenticator.objects.filter(user_id=OuterRef(user_field), type__in=KINDS))


def lacking(membership: str = "") -> ExpressionWrapper[Q]:
    """Of memberships: whether the tenant requires a second factor and the person has none."""
    is_required = Q(**{f"{membership}tenant__requires_second_factor": True})
    return ExpressionWrapper(Q(is_required, ~of(f"{membership}user_id")), BooleanField())


def unproved(membership: str = "") -> ExpressionWrapper[Q]:
    """The same, except for who comes by the tenant's own sign-in, which then has to ask for it: not
    by one that is switched off."""
    identities = SocialAccount.objects.filter(
        user_id=OuterRef(OuterRef(f"{membership}user_id")), provider=OuterRef("key")
    )
    sign_ins = SignInProvider.unscoped.filter(
        tenant_id=OuterRef(f"{membership}tenant_id"), is_enabled=True
    )
    ways = sign_ins.annotate(key=_KEY).filter(Exists(identities))
    is_required = Q(**{f"{membership}tenant__requires_second_factor": True})
    lacks = Q(is_required, ~of(f"{membership}user_id"), ~Exists(ways))
    return ExpressionWrapper(lacks, BooleanField())


class SecondFactorMissing(Http404):
    """A member whose tenant requires a second factor, who has none."""


class OutOfReach(Http404):
    """A member whose session was opened by another tenant's sign-in."""


def entering(membership: Membership | None, within: UUID | None) -> Membership | None:
    """The membership, if a session that is open `within` one tenant (or everywhere) may use it.

    Raises OutOfReach and SecondFactorMissing.
    """
    if membership is None:
        return None
    if within not in (None, membership.tenant_id):
        raise OutOfReach("This session does not reach that organisation.")
    if within is None and membership.lacks_factor:  # type: ignore[attr-defined]  # annotated
        raise SecondFactorMissing("This organisation requires a second factor.")
    return membership


def proved(membership: Membership | None) -> Membership | None:
    """The membership, for keys and waiting work; these rest, too, while the factor is missing."""
    if membership is not None and membership.is_unproved:  # type: ignore[attr-defined]  # annotated
        raise SecondFactorMissing("This organisation requires a second factor.")
    return membership


def locked(user: User) -> User:
    """The person, as long as the transaction lasts: what is decided about their factors waits."""
    return User.objects.select_for_update(no_key=True).get(pk=user.pk)


def has_factor(user: User) -> bool:
    """Whether a password alone does not open this account."""
    return bool(Authenticator.objects.filter(user=user, type__in=KINDS).exists())


def requiring(user: User) -> list[Tenant]:
    """The organisations of this person that open only to members with a second factor."""
    theirs = Membership.unscoped.filter(user=user, is_suspended=False)
    required = theirs.filter(tenant__requires_second_factor=True).select_related("tenant")
    return [membership.tenant for membership in required.order_by("tenant__name")]


def may_remove(authenticator: Authenticator) -> bool:
    """Whether no organisation requires the factor that would be the person's last."""
    others = Authenticator.objects.filter(user_id=authenticator.user_id, type__in=KINDS)
    if others.exclude(pk=authenticator.pk).exists():
        return True
    if authenticator.type not in KINDS:
        return True
    return not Membership.unscoped.filter(
        Q(user_id=authenticator.user_id, tenant__requires_second_factor=True, is_suspended=False)
    ).exists()


def was_used(app: Authenticator, code: str, now: float) -> bool:
    """Whether this code of the app has opened something already."""
    at = app.data.get("used", {}).get(_digits(code))
    return at is not None and now - at < REMEMBERED


def note_use(app: Authenticator, code: str, now: float) -> None:
    """Remember the code for as long as it might be accepted; the row must be locked."""
    recent = {c: at for c, at in app.data.get("used", {}).items() if now - at < REMEMBERED}
    app.data["used"] = {**recent, _digits(code): now}
    app.save(update_fields=["data"])


def _digits(code: str) -> str:
    return "".join(character for character in code if character.isalnum())
