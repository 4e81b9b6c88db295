"""What the activity log is narrowed by."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any, cast

from django import forms
from django.forms import BoundField
from django.utils import timezone

from tenants import activity
from tenants.access import Access
from tenants.activity import Asked, Events
from tenants.forms import AtOnce, Filters
from tenants.models import AuditEvent

# The choices of who and what are those of the last events: nobody scrolls through 10,000 people.
RECENT = 1_000
_DAY = forms.DateInput({"type": "date", "data-submits": True})

Choices = list[tuple[str, Any]]


class ActivityFilters(Filters):
    """The query of the page's address; a value that makes no sense is ignored."""

    q = forms.CharField(required=False, max_length=200)
    who = forms.RegexField(f"^({activity.WHO})$", required=False, widget=AtOnce)
    what = forms.RegexField(f"^({activity.WHAT})$", required=False, widget=AtOnce)
    since = forms.DateField(required=False, widget=_DAY, label="From")
    until = forms.DateField(required=False, widget=_DAY, label="To")
    object = forms.RegexField(f"^({activity.OBJECT})$", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        self.events = access.visible(AuditEvent)
        self.is_valid()

    def offer_choices(self) -> None:
        """Fill the lists to choose from; who only asks which events fit does without."""
        columns = ("actor_id", "key_id", "actor_label", "action")
        recent = self.events.order_by("-created_at", "-pk").values_list(*columns)[:RECENT]
        rows = list(recent)
        self._offer("who", [("", "Anybody"), *_who(rows)])
        self._offer("what", [("", "Anything"), *_what({action for *_, action in rows})])

    def _offer(self, name: str, choices: Choices) -> None:
        """The choices, and what is chosen now where that is none of them."""
        chosen = self.cleaned_data.get(name, "")
        offered = {v for _, group in choices if isinstance(group, list) for v, _ in group}
        if chosen and chosen not in offered | {value for value, _ in choices}:
            choices.append((chosen, self._word(name, chosen)))
        cast("forms.Select", self.fields[name].widget).choices = choices

    def _word(self, name: str, chosen: str) -> str:
        if name == "what":
            return activity.title(chosen)
        theirs = activity.narrowed(self.events, Asked(who=chosen)).order_by("-created_at")
        return theirs.values_list("actor_label", flat=True).first() or "Somebody else"

    @property
    def visible_choices(self) -> list[BoundField]:
        return [self[name] for name in ("who", "what", "since", "until")]

    @property
    def asked(self) -> Asked:
        """The days are those of the present time zone, the last one included."""
        said = self.cleaned_data
        return Asked(
            who=said.get("who", ""),
            what=said.get("what", ""),
            object=said.get("object", ""),
            since=_beginning(said.get("since")),
            until=_beginning(said.get("until"), later=1),
            q=said.get("q", ""),
        )

    def narrow(self, rows: Events) -> Events:
        return activity.narrowed(rows, self.asked)


def _beginning(day: date | None, later: int = 0) -> datetime | None:
    if day is None or day.year >= date.max.year:
        return None
    return timezone.make_aware(datetime.combine(day + timedelta(days=later), time.min))


def _who(rows: list[Any]) -> Choices:
    people = {f"person:{actor}": label for actor, key, label, _ in rows if actor and not key}
    keys = {f"key:{key}": label for _, key, label, _ in rows if key}
    groups: Choices = [("roster", "Roster itself")]
    for title, found in (("People", people), ("API keys", keys)):
        if found:
            groups.append((title, sorted(found.items(), key=lambda pair: pair[1].lower())))
    return groups


def _what(actions: set[str]) -> Choices:
    kinds = sorted({re.split(r"\.", action)[0] for action in actions}, key=activity.noun_of)
    return [
        (
            activity.title(kind),
            [
                (kind, f"{activity.title(kind)}: anything"),
                *((a, activity.title(a)) for a in sorted(actions) if a.startswith(f"{kind}.")),
            ],
        )
        for kind in kinds
    ]
