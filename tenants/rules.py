"""The rules by which a model says who reaches its rows. Only `tenants.access` applies them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from tenants.capabilities import LADDERS, denying, sufficient

if TYPE_CHECKING:
    from tenants.access import Access
    from tenants.models import TenantOwned

    Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether an action is allowed, and by which rule; where that names a rung, which it is.

    The rules are the keys of `tenants.explaining.WORDS`.
    """

    is_allowed: bool
    rule: str
    rung: str = ""

    @property
    def is_denial(self) -> bool:
        """Whether it was denied expressly."""
        return self.rule.startswith("denied")

    @property
    def holder(self) -> str:
        """For whom the deciding entry stands on the row: "person" or "role"; else empty."""
        return self.rule.partition("ed_to_")[2]


@dataclass(frozen=True, slots=True)
class Entries:
    """What stands on one row for a person, and for their role: "run" granted, "deny_run" denied."""

    of_person: frozenset[str] = frozenset()
    of_role: frozenset[str] = frozenset()

    def first(self, how: str, actions: Sequence[str]) -> tuple[str, str] | None:
        """The first of these that stands here, as the rule and the rung of a verdict."""
        holders = (("person", self.of_person), ("role", self.of_role))
        return next(
            (
                (f"{how}_to_{holder}", action.removeprefix("deny_"))
                for holder, written in holders
                for action in actions
                if action in written
            ),
            None,
        )


class Principal(Protocol):
    """Whose rights are explained: an Access, or what a role alone brings."""

    @property
    def is_owner(self) -> bool: ...
    @property
    def agent_ids(self) -> Collection[UUID] | None: ...
    def may(self, capability: str) -> bool: ...
    def in_scope(self, capability: str) -> bool: ...


class Rule(Protocol):
    """How one model's rows are reached."""

    def narrow(self, access: Access, rows: Rows, action: str) -> Rows:
        """The rows on which this principal may do the action."""

    def may_add(self, access: Access, row: TenantOwned) -> bool:
        """Whether this principal may save this new row."""


@dataclass(frozen=True, slots=True)
class Shared:
    """Reached by a tenant-wide capability unless restricted, by grants on the row, or as owner.

    A denial on the row wins over all of these but ownership.
    """

    area: str

    def narrow(self, access: Access, rows: Rows, action: str) -> Rows:
        if not access.in_scope(f"{action}_{self.area}"):
            return rows.none()
        if access.agent_ids is not None and self.area == "agents":
            rows = rows.filter(pk__in=access.agent_ids)
        if access.is_owner:
            return rows
        return rows.filter(
            self._reached(access, rows.model, action),
            *self._not_denied(access, rows.model, action),
        )

    def _reached(self, access: Access, model: Any, action: str) -> Q:
        of_person, of_role = _written(access, model, sufficient(action, self.area))
        # One list of both: whom grants alone let in is then found from these, not from all rows.
        granted = of_person.values("content_object_id").union(
            of_role.values("content_object_id"), all=True
        )
        reached = Q(pk__in=granted)
        if access.may(f"{action}_{self.area}"):
            reached |= Q(is_restricted=False)
        return reached

    def _not_denied(self, access: Access, model: Any, action: str) -> list[Any]:
        rungs = [f"deny_{rung}" for rung in denying(action, self.area)]
        # Correlated, so that the database plans an anti-join, which costs nothing without denials.
        return [
            ~Exists(entries.filter(content_object=OuterRef("pk")))
            for entries in _written(access, model, rungs)
        ]

    def explain(self, who: Principal, row: Any, action: str, entries: Entries) -> Verdict:
        """The rule by which `narrow` lets this row through, or keeps it out.

        `entries` is what stands on the row for this person and role. Where several rules allow,
        the most general is named.
        """
        if not who.in_scope(f"{action}_{self.area}"):
            return Verdict(False, "out_of_scope")
        if self.area == "agents" and who.agent_ids is not None and row.pk not in who.agent_ids:
            return Verdict(False, "not_named")
        if who.is_owner:
            return Verdict(True, "owner")
        blocking = [f"deny_{rung}" for rung in denying(action, self.area)]
        if denied := entries.first("denied", blocking):
            return Verdict(False, *denied)
        is_held = who.may(f"{action}_{self.area}")
        if is_held and not row.is_restricted:
            return Verdict(True, "capability")
        if granted := entries.first("granted", sufficient(action, self.area)):
            return Verdict(True, *granted)
        return Verdict(False, "restricted" if is_held else "lacking")

    def may_add(self, access: Access, row: TenantOwned) -> bool:
        is_free = access.agent_ids is None or self.area != "agents"  # else it would be out of reach
        return is_free and access.may(f"change_{self.area}")


def _written(access: Access, model: Any, actions: Iterable[str]) -> tuple[Rows, Rows]:
    """What is written for these actions on the model's rows: for the person, and for the role."""
    named = {"permission__codename__in": [f"{act}_{model._meta.model_name}" for act in actions]}
    of_people = get_user_obj_perms_model(model)._default_manager
    of_roles = get_group_obj_perms_model(model)._default_manager
    return (
        of_people.filter(user_id=access.user.pk, **named),
        of_roles.filter(group_id=access.role.group_id, **named),
    )


@dataclass(frozen=True, slots=True)
class Inherited:
    """Reached like the row that it belongs to."""

    parent: str
    add: str = "change"

    def narrow(self, access: Access, rows: Rows, action: str) -> Rows:
        model = rows.model._meta.get_field(self.parent).related_model
        return rows.filter(**{f"{self.parent}__in": access.by_rules(model, action)})

    def may_add(self, access: Access, row: TenantOwned) -> bool:
        return access.may_do(getattr(row, self.parent), self.add)


@dataclass(frozen=True, slots=True)
class Capability:
    """Reached by a tenant-wide capability alone; `view` may ask for a lesser one."""

    capability: str
    view: str = ""

    def narrow(self, access: Access, rows: Rows, action: str) -> Rows:
        needed = self.view if action == "view" and self.view else self.capability
        return rows if access.may(needed) else rows.none()

    def may_add(self, access: Access, row: TenantOwned) -> bool:
        return access.may(self.capability)


@dataclass(frozen=True, slots=True)
class OwnOr:
    """One's own rows; everybody's with a capability, as far as the row's parent is visible.

    `own` is the capability without which even one's own are out of an API key's scope.
    """

    capability: str
    owner: str
    parent: str = ""
    own: str = ""
    change: str = ""

    def narrow(self, access: Access, rows: Rows, action: str) -> Rows:
        mine = Q(**{self.owner: access.user.pk})
        needed = self.change if action != "view" and self.change else self.capability
        if self.own and not access.in_scope(self.own) and not access.in_scope(needed):
            return rows.none()
        reached = mine | self._others(access, rows) if access.may(needed) else mine
        if access.agent_ids is not None:
            reached &= self._others(access, rows)
        return rows.filter(reached)

    def _others(self, access: Access, rows: Rows) -> Q:
        if not self.parent:
            return ~Q(pk__in=())
        model = rows.model._meta.get_field(self.parent).related_model
        # Correlated, so that the database may look up only the parents of rows that come out.
        parents = access.by_rules(model, "view").filter(pk=OuterRef(self.parent))
        others = Q(Exists(parents))
        if access.is_owner and access.agent_ids is None:
            # Whom restrictions do not bind also sees what outlived its parent.
            others |= Q(**{self.parent: None})
        return others

    def may_add(self, access: Access, row: TenantOwned) -> bool:
        return bool(getattr(row, f"{self.owner}_id") == access.user.pk)


@dataclass(frozen=True, slots=True)
class OwnKey(OwnOr):
    """As OwnOr; but whoever may end another's key must not become them by changing it.

    Through an API key even one's own need the capability as a scope.
    """

    def narrow(self, access: Access, rows: Rows, action: str) -> Rows:
        reached = OwnOr.narrow(self, access, rows, action)
        return reached.filter(user=access.user.pk) if action == "change" else reached

    def may_add(self, access: Access, row: TenantOwned) -> bool:
        is_in_scope = access.key is None or access.may(self.capability)
        return is_in_scope and OwnOr.may_add(self, access, row)


# The models that a job can be about: "knowledge.document" and the like, told by `tenants.jobs`.
JOB_SUBJECTS: set[str] = set()


@dataclass(frozen=True, slots=True)
class ThroughSubject:
    """One's own rows; others' with the area's capability, where what they are about is visible.

    Through an API key, which may be narrower than its maker, that holds for one's own rows, too.
    """

    area: str
    owner: str

    def narrow(self, access: Access, rows: Rows, action: str) -> Rows:
        rung = "view" if action == "view" else LADDERS[self.area][-1]
        mine = Q(**{self.owner: access.user.pk})
        if access.may(f"{rung}_{self.area}"):
            about = self._about_visible(access)
            return rows.filter(about if access.key else mine | about)
        return rows.filter(mine & self._about_visible(access) if access.key else mine)

    def _about_visible(self, access: Access) -> Q:
        about = Q(pk__in=())
        for label in sorted(JOB_SUBJECTS):
            subjects = access.by_rules(apps.get_model(label), "view")
            about |= Q(Exists(subjects.filter(pk=OuterRef("subject_id"))), subject_type=label)
        return about

    def may_add(self, access: Access, row: TenantOwned) -> bool:
        if getattr(row, f"{self.owner}_id") != access.user.pk:
            raise PermissionDenied("A job is made in one's own name.")
        return True


@dataclass(frozen=True, slots=True)
class OwnOrShared(OwnOr):
    """One's own rows, and those that are shared with everybody, which whoever holds `change`
    changes, too. They are no business of API keys."""

    def narrow(self, access: Access, rows: Rows, action: str) -> Rows:
        if access.key is not None:
            return rows.none()
        reached = Q(**{self.owner: access.user.pk})
        if action == "view" or access.may(self.change):
            reached |= Q(is_shared=True)
        return rows.filter(reached)

    def may_add(self, access: Access, row: TenantOwned) -> bool:
        return access.key is None and OwnOr.may_add(self, access, row)
