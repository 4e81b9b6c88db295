"""Who may do what: the whole authorisation surface, decided here and nowhere else."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import PermissionDenied
from django.db.models import OuterRef, Q, QuerySet
from django.db.models.functions import Now
from django.http import Http404

from tenants import alike, factors
from tenants.capabilities import closure
from tenants.compiled import Compiled
from tenants.models import ApiKey, Membership, Role, Tenant, TenantOwned, TenantRoleGrant, User

M = TypeVar("M", bound=TenantOwned)

VIEWING = "You are viewing as somebody else, so nothing can be changed. Stop viewing first."
ARCHIVED = "This organisation is archived: it can be read, and changed once it is brought back."


@dataclass(frozen=True, slots=True)
class Access:
    """A person (perhaps through an API key) in a tenant. Holding one proves membership."""

    user: User
    tenant: Tenant
    role: Role
    capabilities: frozenset[str]
    key: ApiKey | None = None
    scopes: frozenset[str] | None = field(default=None)
    behind: User | None = None  # the owner who looks at the portal as `user` would see it

    @classmethod
    def of(cls, user: User, slug: str, *, within: UUID | None = None) -> Access:
        """What this person may do in the tenant with this slug; `within` a session that opens
        only one tenant (tenants.reach).

        Raises Http404 for who is no active member, whether the tenant exists or not, and its kinds
        OutOfReach and SecondFactorMissing. Only this way leads owners to an archived tenant.
        """
        membership = _by_slug.first(user=user.pk, slug=slug)
        return cls._from(factors.entering(membership, within))

    @classmethod
    def for_member(cls, user_id: UUID | None, tenant_id: UUID) -> Access:
        """The same by ids, for background work done in somebody's name."""
        membership = _by_ids.first(user=user_id, tenant=tenant_id) if user_id else None
        return cls._from(factors.proved(membership))

    @classmethod
    def newcomer(cls, membership: Membership) -> Access:
        """The same for a member who has just been made one, to tell the log of it: what else the
        tenant requires of them is asked when they come."""
        return cls._from(with_rights(Membership.unscoped.filter(pk=membership.pk)).first())

    @classmethod
    def through(cls, public_id: str) -> Access:
        """What the API key with this public id may do: its maker's present rights, narrowed by its
        scopes. One query; Http404 where the key or the membership ended."""
        key = _keys.first(public_id=public_id)
        return cls._from(factors.proved(_of_maker(key)) if key else None, key)

    def renewed(self) -> Access:
        """The same principal with the rights of now. Raises Http404 where these ended."""
        if self.key:
            return Access.through(self.key.public_id)
        if self.behind:
            return Access.for_member(self.behind.pk, self.tenant.pk).seen_as(self.user.pk)
        return Access.for_member(self.user.pk, self.tenant.pk)

    def seen_as(self, user_id: UUID) -> Access:
        """What another member may see, for an owner in person; nothing can be changed by it.

        Raises Http404 for who is no active member, PermissionDenied for who may not look.
        """
        if not self.is_owner or self.key:
            raise PermissionDenied("Only an owner in person views as somebody else.")
        seen = Access.for_member(user_id, self.tenant.pk)
        if seen.is_owner:
            raise PermissionDenied("Nobody views as an owner.")
        return replace(seen, behind=self.user)

    @classmethod
    def as_member(cls, membership: Membership) -> Access:
        """What this member of `with_rights` may do, were they to come now.

        Raises Http404 for who is shut out.
        """
        return cls._from(membership if membership.status == "active" else None)

    @classmethod
    def _from(cls, membership: Membership | None, key: ApiKey | None = None) -> Access:
        if membership is None:
            raise Http404("No such organisation.")
        granted = closure(set(membership.granted))  # type: ignore[attr-defined]  # annotated
        scopes = None if key is None else closure(set(key.scopes))
        return cls(
            user=membership.user,
            tenant=membership.tenant,
            role=membership.role,
            capabilities=granted if scopes is None else granted & scopes,
            key=key,
            scopes=scopes,
        )

    # ── Questions ─────────────────────────────────────────────────────────────────────────────

    @property
    def is_owner(self) -> bool:
        """Whether restrictions do not bind this person."""
        return self.role.is_owner

    @property
    def agent_ids(self) -> Collection[UUID] | None:
        """The only agents that an API key reaches; None where it names none."""
        return None if self.key is None else self.key.agent_ids

    @property
    def label(self) -> str:
        """How the audit log and the pages name this principal."""
        if self.behind:
            return f"{self.behind} (viewing as {self.user})"
        return f"{self.user} ({self.key})" if self.key else str(self.user)

    @property
    def actor(self) -> User:
        """Who is really acting."""
        return self.behind or self.user

    def may(self, capability: str) -> bool:
        """Whether the capability holds in the whole tenant: for buttons and menus."""
        return capability in self.capabilities

    @property
    def offered(self) -> frozenset[str]:
        """The capabilities by which something can be changed now: for buttons that do. None in an
        archived tenant."""
        return frozenset() if self.is_read_only else self.capabilities

    def in_scope(self, capability: str) -> bool:
        """Whether an API key's scopes let the capability through at all; always so for people."""
        return self.scopes is None or capability in self.scopes

    @property
    def is_read_only(self) -> bool:
        """Whether nothing can be changed, whoever asks."""
        return self.tenant.is_archived

    def require_writable(self) -> None:
        """Raise PermissionDenied where nothing can be changed."""
        if self.behind:
            raise PermissionDenied(VIEWING)
        if self.is_read_only:
            raise PermissionDenied(ARCHIVED)

    def require(self, capability: str) -> None:
        """Raise PermissionDenied without the capability."""
        if not self.may(capability):
            raise PermissionDenied(f"This needs the right “{capability.replace('_', ' ')}”.")

    # ── Rows ──────────────────────────────────────────────────────────────────────────────────

    def visible(self, model: type[M], action: str = "view") -> QuerySet[M]:
        """The rows on which the action is allowed."""
        return alike.rows(self, model, action)

    def by_rules(self, model: type[M], action: str) -> QuerySet[M]:
        """The same from the rules themselves, which use it of each other. Django takes long to
        write that, so `visible` has it written once for all who are alike."""
        rows = model.unscoped.filter(tenant_id=self.tenant.pk)
        if self.is_read_only and action != "view":
            return rows.none()
        return model.access_rule.narrow(self, rows, action)

    def get(self, model: type[M], pk: UUID | str, action: str = "view") -> M:
        """One row. Http404 for what may not be seen, PermissionDenied for what may only be seen."""
        row = alike.one(self, model, pk, action)
        if row is not None:
            return row
        if action != "view" and self.visible(model).filter(pk=pk).exists():
            raise PermissionDenied("This object may be seen, but not changed in this way.")
        raise Http404(f"No such {model._meta.verbose_name}.")

    def may_do(self, row: TenantOwned, action: str) -> bool:
        """Whether the action is allowed on this row."""
        return self.visible(type(row), action).filter(pk=row.pk).exists()

    def count(self, model: type[M], **among: Any) -> int:
        """How many rows of those that these filters leave may be seen."""
        return alike.count(self, model, **among)

    def add(self, row: M) -> M:
        """Save a new row into this tenant. PermissionDenied where that is not allowed."""
        self.require_writable()
        row.tenant = self.tenant
        if not row.access_rule.may_add(self, row):
            kind = row._meta.verbose_name_plural
            raise PermissionDenied(f"Your rights do not include adding {kind} here.")
        row.save(force_insert=True)
        return row


def no_rows(model: type[M]) -> QuerySet[M]:
    """None of a model's rows: what a form's choice holds until it is narrowed to the visible."""
    return model.unscoped.none()


# Who may read an archived tenant, as a condition on memberships.
_OWNS = Q(role__is_built_in=True, role__slug="owner")


def _memberships(user_id: UUID, *, reads_archived: bool = False) -> QuerySet[Membership]:
    """A person's active memberships, each with `granted`: the capabilities of its role."""
    return with_rights(
        Membership.unscoped.filter(_is_open(reads_archived), _is_in(), user_id=user_id)
    )


def with_rights(members: QuerySet[Membership]) -> QuerySet[Any]:
    """The memberships with person, role and tenant, and `granted`: the capabilities of the role."""
    return members.select_related("tenant", "role", "user").annotate(
        granted=_granted("role__group_id"),
        lacks_factor=factors.lacking(),
        is_unproved=factors.unproved(),
    )


def _is_open(reads_archived: bool) -> Q:
    is_open = Q(tenant__archived_at=None)
    return is_open | _OWNS if reads_archived else is_open


def _living_keys() -> QuerySet[ApiKey]:
    """The keys that work now, each with its maker's membership and `granted`, as above."""
    alive = Q(expires_at=None) | Q(expires_at__gt=Now())
    return (
        ApiKey.unscoped.filter(alive, _is_in("membership__"), revoked_at=None)
        .filter(tenant__archived_at=None)
        .select_related("membership__tenant", "membership__role", "membership__user")
        .annotate(
            granted=_granted("membership__role__group_id"),
            is_unproved=factors.unproved("membership__"),
        )
    )


# What every request begins with.
_by_slug = Compiled(
    lambda user, slug: _memberships(user, reads_archived=True).filter(tenant__slug=slug)
)
_by_ids = Compiled(lambda user, tenant: _memberships(user).filter(tenant_id=tenant))
_keys = Compiled(lambda public_id: _living_keys().filter(public_id=public_id))


def _of_maker(key: ApiKey) -> Membership:
    membership: Membership = key.membership
    membership.granted = key.granted  # type: ignore[attr-defined]  # annotated
    membership.is_unproved = key.is_unproved  # type: ignore[attr-defined]  # the same
    key.user, key.tenant = membership.user, membership.tenant
    return membership


def _is_in(membership: str = "") -> Q:
    """Whether a membership lets its person in, now."""
    return Q(**{f"{membership}user__is_active": True, f"{membership}is_suspended": False})


def _granted(group_id: str) -> ArraySubquery:
    """The capabilities of a role, by its group."""
    grants = TenantRoleGrant.objects.filter(
        group_id=OuterRef(group_id), content_object_id=OuterRef("tenant_id")
    )
    return ArraySubquery(grants.values("permission__codename"))


def memberships(user: User, *, within: UUID | None = None) -> QuerySet[Membership]:
    """The tenants that a person may enter, for the switcher and the way in; `within` a session
    that opens only one, that one."""
    mine = Membership.unscoped.filter(_is_open(True), user=user, is_suspended=False)
    mine = mine.filter(tenant_id=within) if within else mine
    return mine.select_related("tenant", "role").order_by("tenant__name")


def present_slug(user: User, former: str) -> str | None:
    """The slug that one of the person's tenants has now, by one that it had before."""
    return (
        memberships(user)
        .filter(tenant__former_slugs__slug=former)
        .values_list("tenant__slug", flat=True)
        .first()
    )
