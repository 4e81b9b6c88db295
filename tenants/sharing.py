"""What stands on a shared object: whom it is granted and whom it is denied, rung by rung."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from uuid import UUID

from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.http import Http404
from guardian.utils import get_group_obj_perms_model, get_user_obj_perms_model

from tenants.access import Access
from tenants.capabilities import LADDERS, denying
from tenants.models import Membership, Role, Shareable
from tenants.rules import Shared

Holder = Membership | Role
H = TypeVar("H", Membership, Role)
# What stands on rows: (id of the row, id of the person or the group) → the actions' names.
Written = dict[tuple[UUID, Any], frozenset[str]]

SUGGESTED = 200
# Where an event keeps the ids of those for whom it changes something, for `told_of`.
HOLDERS = "holder_ids"
VERBS = {
    "view": "see",
    "run": "run",
    "upload": "upload",
    "change": "edit",
    "publish": "publish",
    "manage": "manage",
}


@dataclass(frozen=True, slots=True)
class Share:
    """What one person or role was expressly given on an object, and what they were denied."""

    holder: Holder
    allowed: str = ""  # the highest rung that was granted
    denied: str = ""  # the lowest rung that was denied

    @property
    def told(self) -> str:
        """In words, for the activity log; empty where nothing stands."""
        parts = [f"may {VERBS[self.allowed]}"] if self.allowed else []
        parts += [f"may not {VERBS[self.denied]}"] if self.denied else []
        return ", ".join(parts)


def area_of(model: type[Shareable]) -> str:
    """The area whose ladder a shared model's rungs are of."""
    return cast("Shared", model.access_rule).area


def rungs_of(model: type[Shareable]) -> tuple[str, ...]:
    """The rungs that can be granted and denied on a model's rows, lowest first."""
    return LADDERS[area_of(model)]


def actions_of(model: type[Shareable]) -> tuple[str, ...]:
    """All that can be done with a model's rows: its rungs, and publishing below the highest."""
    rungs = rungs_of(model)
    return (*rungs[:-1], "publish", rungs[-1]) if area_of(model) == "agents" else rungs


def blocked_by(model: type[Shareable], rung: str) -> list[str]:
    """The actions that the denial of a rung takes away."""
    return [action for action in actions_of(model) if rung in denying(action, area_of(model))]


# ── Holders ───────────────────────────────────────────────────────────────────────────────────


def roles(access: Access) -> QuerySet[Role]:
    """The organisation's roles, for whoever shares an object with them."""
    return Role.unscoped.filter(tenant=access.tenant)


def members(access: Access) -> QuerySet[Membership]:
    """The organisation's members, for whoever shares an object with them."""
    return Membership.unscoped.filter(tenant=access.tenant).select_related("user", "role")


def member(access: Access, pk: UUID) -> Membership:
    """One of them. Raises Http404."""
    return _one(members(access).filter(pk=pk))


def role(access: Access, pk: UUID) -> Role:
    """One of the roles. Raises Http404."""
    return _one(roles(access).filter(pk=pk))


def member_by_email(access: Access, email: str) -> Membership | None:
    """The member with this address, if there is one."""
    return members(access).filter(user__email__iexact=email).first()


def addresses(access: Access) -> list[str]:
    """Some members' addresses, to choose from while typing."""
    found = members(access).order_by("user__email").values_list("user__email", flat=True)
    return list(found[:SUGGESTED])


def _one(rows: QuerySet[H]) -> H:
    if (row := rows.first()) is None:
        raise Http404(f"No such {rows.model._meta.verbose_name}.")
    return row


def name_of(holder: Holder) -> str:
    """How the activity log names a person or a role."""
    if isinstance(holder, Membership):
        return f"{holder.user} ({holder.user.email})"
    return f"Role {holder}"


def told_of(share: Share, before: str) -> dict[str, Any]:
    """What the activity log is told of a change of what stands for a holder: their name of then,
    and the id, by which it is found when the name is another."""
    return {
        name_of(share.holder): [before or None, share.told or None],
        HOLDERS: [str(share.holder.pk)],
    }


def listed(actions: Sequence[str]) -> str:
    """Actions in words: "see, run and edit"."""
    verbs = [VERBS[action] for action in actions]
    return " and ".join([", ".join(verbs[:-1]), verbs[-1]] if len(verbs) > 1 else verbs)


def named_members(access: Access, row: Shareable) -> QuerySet[Membership]:
    """The members for whom something stands on the row."""
    named = _people(type(row)).filter(content_object=row)
    return members(access).filter(user_id__in=named.values("user_id"))


# ── What stands ───────────────────────────────────────────────────────────────────────────────


def share_of(row: Shareable, holder: Holder) -> Share:
    """What stands on the row for this person or role."""
    return shares_of(row, [holder])[0]


def shares_of(row: Shareable, holders: Iterable[Holder]) -> list[Share]:
    """The same for several, in their order, and in two queries at most."""
    holders = list(holders)
    people = [holder.user_id for holder in holders if isinstance(holder, Membership)]
    groups = [holder.group_id for holder in holders if isinstance(holder, Role)]
    written = {
        **(written_for_people(type(row), [row.pk], people) if people else {}),
        **(written_for_roles(type(row), [row.pk], groups) if groups else {}),
    }
    return [_share(holder, written.get((row.pk, _key(holder)), frozenset())) for holder in holders]


def _share(holder: Holder, actions: frozenset[str]) -> Share:
    order = list(VERBS)
    granted = [rung for rung in order if rung in actions]
    denied = [rung for rung in order if f"deny_{rung}" in actions]
    return Share(holder, granted[-1] if granted else "", denied[0] if denied else "")


def written_for_people(
    model: type[Shareable], rows: Collection[UUID], people: Collection[UUID]
) -> Written:
    """What stands on these rows for these people."""
    entries = _people(model).filter(content_object_id__in=rows, user_id__in=people)
    return _by_holder(model, entries.values_list("content_object_id", "user_id", _CODENAME))


def written_for_roles(
    model: type[Shareable], rows: Collection[UUID], groups: Collection[int]
) -> Written:
    """What stands on these rows for the roles with these groups."""
    entries = _roles(model).filter(content_object_id__in=rows, group_id__in=groups)
    return _by_holder(model, entries.values_list("content_object_id", "group_id", _CODENAME))


_CODENAME = "permission__codename"


def _by_holder(model: type[Shareable], entries: Iterable[tuple[UUID, Any, str]]) -> Written:
    found: dict[tuple[UUID, Any], set[str]] = defaultdict(set)
    for row, holder, codename in entries:
        found[row, holder].add(codename.removesuffix(f"_{model._meta.model_name}"))
    return {place: frozenset(actions) for place, actions in found.items()}


def put(row: Shareable, share: Share) -> None:
    """Let exactly this stand on the row for the share's holder."""
    holder = share.holder
    entries = _people(type(row)) if isinstance(holder, Membership) else _roles(type(row))
    place = {"user_id" if isinstance(holder, Membership) else "group_id": _key(holder)}
    entries.filter(content_object=row, **place).delete()
    actions = [share.allowed] if share.allowed else []
    actions += [f"deny_{share.denied}"] if share.denied else []
    for permission in Permission.objects.filter(
        content_type=ContentType.objects.get_for_model(row),
        codename__in=[f"{action}_{row._meta.model_name}" for action in actions],
    ):
        entries.create(content_object=row, permission=permission, **place)


def _key(holder: Holder) -> Any:
    return holder.user_id if isinstance(holder, Membership) else holder.group_id


def _people(model: Any) -> QuerySet[Any]:
    return cast("QuerySet[Any]", get_user_obj_perms_model(model)._default_manager.all())


def _roles(model: Any) -> QuerySet[Any]:
    return cast("QuerySet[Any]", get_group_obj_perms_model(model)._default_manager.all())
