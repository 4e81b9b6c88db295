"""Doing one thing to many rows of a list: to those that were ticked, or all that a filter shows.

A list declares what can be done to its rows. What a person chooses is resolved by their rights
into rows that may be acted on and rows that may only be seen; a row that may not be seen is as if
there were none. Each row is acted on by the service that acts on one, in a transaction of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from time import monotonic
from typing import Any
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.http import Http404, QueryDict

from tenants import usage
from tenants.access import Access
from tenants.granting import LastOwner
from tenants.jobs import NotRepeatable
from tenants.lists import ListPage
from tenants.models import TenantOwned
from tenants.usage import InUse

# So many rows are acted on at once at most, and for so long; what is left can be chosen again.
MOST = 1_000
LONGEST_SECONDS = 25.0
# After so many rows the person's rights are asked anew.
CHUNK = 50

NOT_YOURS = "you may not do that to it"
NO_TIME = "there was no time left for it: choose it again"


class NotDone(Exception):
    """There is nothing to do on this row; the message says why, as part of a sentence."""


# What a service refuses a single row with; anything else is a fault of Roster.
REFUSALS = (
    NotDone,
    InUse,
    LastOwner,
    NotRepeatable,
    ObjectDoesNotExist,
    PermissionDenied,
    ValidationError,
    Http404,
)


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that can be done to rows; `do` takes the access and a row, and may refuse it.

    `right` is the action on the row that it needs, and `needs` the capability without which it is
    not offered. `text` says what it brings about, `done` ends the sentence “3 agents were …”.
    """

    name: str
    label: str
    icon: str
    text: str
    done: str
    right: str
    do: Callable[[Access, Any], object]
    needs: str = ""
    is_danger: bool = True


@dataclass(frozen=True, slots=True)
class Listed:
    """A list whose rows can be acted on."""

    page: ListPage
    model: type[TenantOwned]
    noun: str
    nouns: str
    acts: tuple[Act, ...]

    def counted(self, number: int) -> str:
        """“1 agent”, “1,200 agents”."""
        return f"{number:,} {self.noun if number == 1 else self.nouns}"


@dataclass(frozen=True, slots=True)
class Selection:
    """What was chosen, as far as it may be seen. `is_cut` tells that the filter shows more."""

    open_to: list[Any]
    closed: list[Any]
    is_cut: bool = False
    users: dict[UUID, list[Any]] = field(default_factory=dict)


@dataclass(slots=True)
class Outcome:
    """What became of the rows: how many were acted on, and why others were not."""

    done: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)


_lists: dict[str, Listed] = {}


def declare(listed: Listed) -> Listed:
    """Called where the list's page is."""
    _lists[listed.page.name] = listed
    return listed


def names() -> list[str]:
    """Of all lists whose rows can be acted on."""
    return sorted(_lists)


def find(access: Access, name: str, act: str) -> tuple[Listed, Act]:
    """The list and the act. Raises Http404 for what there is not, and PermissionDenied for a list
    that this person may not open."""
    listed = _lists.get(name)
    found = next((one for one in listed.acts if one.name == act), None) if listed else None
    if listed is None or found is None:
        raise Http404("There is no such thing to do.")
    if listed.page.needs:
        access.require(listed.page.needs)
    return listed, found


def offered(access: Access, name: str) -> list[Act]:
    """What this person may do to rows of this list, one or the other."""
    if access.is_read_only or access.behind:
        return []
    return [act for act in _lists[name].acts if not act.needs or access.may(act.needs)]


def ticked(access: Access, listed: Listed, act: Act, asked: Iterable[str]) -> Selection:
    """The rows with these ids, in the order of the list, without those that may not be seen.

    Raises Http404 where nothing is left, and ValidationError for more than MOST.
    """
    ids = {pk for text in asked if (pk := _uuid(text))}
    if len(ids) > MOST:
        raise ValidationError(f"At most {MOST:,} at once.")
    seen = access.visible(listed.model).filter(pk__in=ids).order_by("-created_at", "-pk")
    return _sorted_out(access, act, list(seen))


def matching(access: Access, listed: Listed, act: Act, query: QueryDict) -> Selection:
    """The first MOST rows that the filter shows. Raises Http404 where it shows none."""
    _, rows = listed.page.narrowed(access, query)
    ids = list(rows.order_by("-created_at", "-pk").values_list("pk", flat=True)[: MOST + 1])
    found = ticked(access, listed, act, map(str, ids[:MOST]))
    return Selection(found.open_to, found.closed, len(ids) > MOST, found.users)


def _sorted_out(access: Access, act: Act, seen: Sequence[Any]) -> Selection:
    if not seen:
        raise Http404("None of these is here any more.")
    allowed = _allowed(access, act, seen)
    open_to = [row for row in seen if row.pk in allowed]
    closed = [row for row in seen if row.pk not in allowed]
    is_deletion = act.name == "delete" and bool(open_to)
    users = usage.users_by_object(access, open_to) if is_deletion else {}
    return Selection(open_to, closed, users=users)


def _allowed(access: Access, act: Act, rows: Sequence[Any]) -> set[UUID]:
    may = access.visible(type(rows[0]), act.right).filter(pk__in=[row.pk for row in rows])
    return set(may.values_list("pk", flat=True))


def carry_out(access: Access, act: Act, chosen: Selection) -> Outcome:
    """Act on each row in a transaction of its own; a row that is refused is left and named."""
    outcome = Outcome(left=[(str(row), NOT_YOURS) for row in chosen.closed])
    until = monotonic() + LONGEST_SECONDS
    for present, row in _with_rights_of_now(access, act, chosen.open_to):
        why = NO_TIME if monotonic() > until else _refusal(present, act, row)
        if why:
            outcome.left.append((str(row), why))
        else:
            outcome.done += 1
    return outcome


def _with_rights_of_now(
    access: Access, act: Act, rows: Sequence[Any]
) -> Iterator[tuple[Access | None, Any]]:
    """Each row with who acts on it; nobody, where the right to it ended meanwhile."""
    for begin in range(0, len(rows), CHUNK):
        chunk = rows[begin : begin + CHUNK]
        try:
            access = access.renewed()
            allowed = _allowed(access, act, chunk)
        except Http404:  # shut out meanwhile
            allowed = set()
        for row in chunk:
            yield (access if row.pk in allowed else None), row


def _refusal(access: Access | None, act: Act, row: Any) -> str:
    """Act on the row; why that was refused, or empty."""
    if access is None:
        return NOT_YOURS
    try:
        act.do(access, row)
    except REFUSALS as refusal:
        return _told(refusal)
    return ""


def _told(refusal: Exception) -> str:
    if isinstance(refusal, InUse):
        return f"it is used by {refusal.told_users()}, {refusal.why}"
    if isinstance(refusal, ValidationError):
        return " ".join(refusal.messages)
    if isinstance(refusal, Http404 | ObjectDoesNotExist):
        return "it is not there any more"
    return str(refusal) or NOT_YOURS


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
