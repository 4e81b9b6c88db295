"""What somebody may do with a shared object, and which rule decides it.

The rules themselves stand in `tenants.rules`; here they are asked for many rows or many people at
once, and put into words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

from django.apps import apps
from django.db.models import Q, QuerySet
from django.http import Http404

from tenants import sharing
from tenants.access import Access, with_rights
from tenants.capabilities import closure
from tenants.factors import SecondFactorMissing
from tenants.granting import with_capabilities
from tenants.models import ApiKey, AuditEvent, Membership, Role, Shareable
from tenants.rules import Entries, Principal, Shared, Verdict

WORDS = {
    "not_a_member": "not a member of this organisation",
    "suspended": "suspended: shut out of everything",
    "inactive": "the account is switched off",
    "lacks_factor": "they can’t open this organisation until they set up a second factor",
    "ended": "the API key has ended, or its maker is shut out",
    "out_of_scope": "the API key’s scopes don’t include it",
    "not_named": "the API key names other agents only",
    "owner": "owner: restrictions and denials don’t bind owners",
    "denied_to_person": "denied to this person",
    "denied_to_role": "denied to the role",
    "capability": "the role may, on all that isn’t restricted",
    "granted_to_person": "granted to this person",
    "granted_to_role": "granted to the role",
    "restricted": "restricted, and not granted",
    "lacking": "the role may not, and it isn’t granted",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """What somebody may do with one object: a verdict for each action, lowest first."""

    verdicts: dict[str, Verdict]

    @property
    def allowed(self) -> list[str]:
        """The actions that are allowed."""
        return [action for action, verdict in self.verdicts.items() if verdict.is_allowed]

    @property
    def deciding(self) -> Verdict:
        """Of the highest action that is allowed; of the lowest where none is."""
        allowed = self.allowed
        return self.verdicts[allowed[-1] if allowed else next(iter(self.verdicts))]

    @property
    def verbs(self) -> str:
        """What is allowed, in words."""
        return sharing.listed(self.allowed)

    @property
    def reason(self) -> str:
        """The deciding rule, in words; and what is denied beyond what is allowed."""
        verdicts = [self.deciding, *(v for v in self.verdicts.values() if v.is_denial)]
        return "; ".join(dict.fromkeys(words(verdict) for verdict in verdicts))


@dataclass(frozen=True, slots=True)
class RoleAlone:
    """What a role brings whoever has it."""

    role: Role
    capabilities: frozenset[str]
    agent_ids: None = None

    @property
    def is_owner(self) -> bool:
        return self.role.is_owner

    def may(self, capability: str) -> bool:
        return capability in self.capabilities

    def in_scope(self, capability: str) -> bool:
        return True


def words(verdict: Verdict) -> str:
    """The rule of a verdict as the pages and the API tell it."""
    said = WORDS[verdict.rule]
    return f"{said} ({sharing.VERBS[verdict.rung]})" if verdict.rung else said


def standing(who: Principal, row: Shareable, entries: Entries) -> Standing:
    """What this principal may do with the row on which these entries stand for them."""
    rule = cast("Shared", row.access_rule)
    actions = sharing.actions_of(type(row))
    return Standing({action: rule.explain(who, row, action, entries) for action in actions})


def shut_out(model: type[Shareable], rule: str) -> Standing:
    """The standing of who may not come in at all."""
    return Standing(dict.fromkeys(sharing.actions_of(model), Verdict(False, rule)))


def shut_out_by(member: Membership) -> str:
    """The rule that shuts a member of `candidates` out of everything; empty for who may come in."""
    if member.status != "active":
        return member.status
    # Who comes by the organisation's own sign-in is asked for a second factor there.
    return "lacks_factor" if member.is_unproved else ""  # type: ignore[attr-defined]  # annotated


def of_key(key: ApiKey, row: Shareable) -> Standing:
    """What an API key may do with the row."""
    try:
        return of_one(Access.through(key.public_id), row)
    except SecondFactorMissing:
        return shut_out(type(row), "lacks_factor")
    except Http404:
        return shut_out(type(row), "ended")


def of_one(who: Access, row: Shareable) -> Standing:
    """What this principal may do with the row."""
    return of_rows(who, [row])[0]


def of_rows(who: Access, rows: Iterable[Any]) -> list[Standing]:
    """What this principal may do with each of the rows, which are of one model."""
    rows = list(rows)
    if not rows:
        return []
    model, pks = type(rows[0]), [row.pk for row in rows]
    person, group = who.user.pk, who.role.group_id
    of_person = sharing.written_for_people(model, pks, [person])
    of_role = sharing.written_for_roles(model, pks, [group])
    return [standing(who, row, _entries(row, of_person, of_role, person, group)) for row in rows]


def of_members(row: Shareable, members: Iterable[Membership]) -> list[Standing]:
    """What each of these members, who come from `with_rights`, may do with the row."""
    members, model = list(members), type(row)
    people = [member.user_id for member in members]
    of_person = sharing.written_for_people(model, [row.pk], people)
    groups = {member.role.group_id for member in members}
    of_role = sharing.written_for_roles(model, [row.pk], groups)
    return [
        shut_out(model, rule)
        if (rule := shut_out_by(member))
        else standing(
            Access.as_member(member),
            row,
            _entries(row, of_person, of_role, member.user_id, member.role.group_id),
        )
        for member in members
    ]


def of_roles(row: Shareable, roles: QuerySet[Role]) -> list[tuple[Role, Standing]]:
    """What each role brings whoever has it, on this row."""
    found = list(with_capabilities(roles))
    groups = [role.group_id for role in found]
    written = sharing.written_for_roles(type(row), [row.pk], groups)
    return [
        (
            role,
            standing(
                RoleAlone(role, closure(set(role.granted))),
                row,
                Entries(of_role=written.get((row.pk, role.group_id), frozenset())),
            ),
        )
        for role in found
    ]


def of_member(member: Membership, rows: Iterable[Any]) -> list[Standing]:
    """What a member of `candidates` may do with each of the rows, which are of one model."""
    rows = list(rows)
    if rule := shut_out_by(member):
        return [shut_out(type(row), rule) for row in rows]
    return of_rows(Access.as_member(member), rows)


def reached(member: Membership, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of the rows those that a member of `candidates` may see."""
    if shut_out_by(member):
        return rows.none()
    return rows.filter(pk__in=Access.as_member(member).visible(rows.model).values("pk"))


def models() -> dict[str, type[Shareable]]:
    """The shared models by their area: "agents", "knowledge"."""
    shared = (model for model in apps.get_models() if issubclass(model, Shareable))
    return {sharing.area_of(model): model for model in shared}


def decided_by(access: Access, row: Shareable, holder: sharing.Holder) -> AuditEvent | None:
    """The last change of what stands on the row for this holder, for who may see the log.

    Events from before ids were kept are found by the holder's present name only.
    """
    by_id = Q(changes__contains={sharing.HOLDERS: [str(holder.pk)]})
    by_name = Q(changes__has_key=sharing.name_of(holder)) & ~Q(changes__has_key=sharing.HOLDERS)
    events = access.visible(AuditEvent).filter(
        by_id | by_name, object_type=row._meta.label_lower, object_id=str(row.pk)
    )
    return events.order_by("-number").first()


def candidates(access: Access) -> QuerySet[Any]:
    """Everybody of the organisation, for `of_members`."""
    return with_rights(sharing.members(access))


def _entries(
    row: Shareable, of_person: sharing.Written, of_role: sharing.Written, person: UUID, group: int
) -> Entries:
    nothing: frozenset[str] = frozenset()
    return Entries(of_person.get((row.pk, person), nothing), of_role.get((row.pk, group), nothing))
