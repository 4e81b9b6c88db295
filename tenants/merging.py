"""A save that met somebody else's newer one: field by field what is saved now, what one wrote
oneself, and what both began with, for a person to choose from.

A form carries the version it was filled from and, beside it, its values of then. Values are kept
as a browser sends them: `{name: [text, …]}`. The page of choices sends both sides back, so that
what is not chosen is not lost before the choice is made.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model
from django.http import QueryDict
from django.utils.safestring import SafeString

from tenants.versions import version_of

Values = dict[str, list[str]]

BASE = "base"
CHOICE, MINE, THEIRS = "choose:", "mine:", "theirs:"
MOST_BASE = 1_000_000  # characters
STALE = "Somebody saved this while you were editing it. Choose what is to stand."


class VersionInput(forms.HiddenInput):
    """The version that a form was filled from, and beside it the values of that version."""

    base: Callable[[], str] = staticmethod(str)  # asked when it is drawn

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        drawn = super().render(name, value, attrs, renderer)
        base = self.base()
        if not base:
            return drawn
        return drawn + super().render(BASE, base, None, renderer)


@dataclass(frozen=True, slots=True)
class Part:
    """Something that differs: one field, or several that make sense only together."""

    name: str
    label: str
    theirs: str
    mine: str
    base: str | None  # None where it is not known

    @property
    def choice(self) -> str:
        """What is chosen from the beginning: the side that alone has changed; else nothing."""
        if self.base is None or (self.theirs != self.base and self.mine != self.base):
            return ""
        return "mine" if self.theirs == self.base else "theirs"


@dataclass(frozen=True, slots=True)
class Merge:
    """What the page of choices draws."""

    name: str  # of what is edited, as it is saved now
    version: str
    base: str
    parts: list[Part]
    kept: list[tuple[str, str]]  # inputs that are sent back as they came, both sides of each part
    replaced: list[str]  # the secrets that were typed while somebody else set other ones


class Merging(forms.BaseForm):
    """Mixed into a form that carries its version in a field with a VersionInput.

    A subclass calls `begin_merging` in its `__init__`, for a row that is there already, and
    `met_newer` in `clean`.
    """

    version_field = "version"
    present_version = ""
    edited: Model | None = None
    merge: Merge | None = None

    # ── What a form says of itself ────────────────────────────────────────────────────────────

    def part_of(self, name: str) -> str:
        """The part to which an input belongs; empty for what is not compared."""
        field = self.fields.get(name)
        is_plain = field is not None and not field.widget.is_hidden
        return name if is_plain and not _is_secret(field) else ""

    def label_of(self, part: str) -> str:
        return str(self[part].label)

    def saved(self) -> Values:
        """The values of what is saved now, from which the form begins.

        Of a secret there may be a mark, which another one would change.
        """
        return {
            name: _sent(field, self.get_initial_for_field(field, name))
            for name, field in self.fields.items()
            if self.part_of(name)
        }

    def shown(self, part: str, values: Values) -> str:
        """A part's values as a person reads them; equal where nothing differs."""
        field, sent = self.fields[part], values.get(part, [])
        if isinstance(field.widget, forms.CheckboxInput):
            return "Yes" if sent else "No"
        if isinstance(field, forms.ChoiceField | forms.ModelChoiceField):
            choices: Any = field.choices
            labels = {str(value): str(label) for value, label in choices}
            told = [labels.get(one, "one that you may not see") for one in sent if one]
            return "\n".join(sorted(told))
        return "\n".join(sent).replace("\r\n", "\n").strip()

    # ── What it does with it ──────────────────────────────────────────────────────────────────

    def begin_merging(self, row: Model) -> None:
        """Have the row's version drawn, with its values beside it or those that came with it."""
        self.edited = row
        self.present_version = self.initial[self.version_field] = version_of(row)
        sent = self.data.get(BASE, "")
        self.keep_base((lambda: sent) if self.is_bound else lambda: _written(self.saved()))

    def keep_base(self, base: Callable[[], str]) -> None:
        """Draw these beside the version."""
        widget = self.fields[self.version_field].widget
        if isinstance(widget, VersionInput):
            widget.base = base

    def met_newer(self, sent: Any) -> bool:
        """Whether what was written meets a newer save that differs; `merge` then has the choices.

        Without a difference there is nothing to choose, and the save goes on.
        """
        if sent in (None, "", self.present_version) or not self.present_version:
            return False
        mine = {name: self.data.getlist(name) for name in self.data}  # type: ignore[attr-defined]
        theirs, base = self.saved(), _read(self.data.get(BASE, ""))
        parts = list(self._parts(mine, theirs, base))
        replaced = [name for name in self._typed() if theirs.get(name) != (base or {}).get(name)]
        if parts or replaced:
            kept = list(self._kept({part.name for part in parts}, mine, theirs))
            now = (str(self.edited), self.present_version, _written(theirs))
            self.merge = Merge(*now, parts, kept, replaced)
        return self.merge is not None

    def _parts(self, mine: Values, theirs: Values, base: Values | None) -> Iterator[Part]:
        for name in dict.fromkeys(map(self.part_of, [*theirs, *mine])):
            if not name:
                continue
            saved, written = self.shown(name, theirs), self.shown(name, mine)
            if saved != written:
                began = None if base is None else self.shown(name, base)
                yield Part(name, self.label_of(name), saved, written, began)

    def _kept(self, differing: set[str], mine: Values, theirs: Values) -> Iterator[tuple[str, str]]:
        apart = {"csrfmiddlewaretoken", BASE, self.version_field}
        for name, values in mine.items():
            if name in apart or _is_secret(self.fields.get(name)):
                continue
            part = self.part_of(name)
            prefix = f"{MINE}{part}:" if part in differing else ""
            yield from ((f"{prefix}{name}", value) for value in values)
        for name, values in theirs.items():
            if (part := self.part_of(name)) in differing:
                yield from ((f"{THEIRS}{part}:{name}", value) for value in values)

    def _typed(self) -> list[str]:
        secret = [name for name, field in self.fields.items() if _is_secret(field)]
        return [name for name in secret if self.data.get(self.add_prefix(name))]

    @property
    def typed_again(self) -> list[Any]:
        """The secrets that were typed: they are not sent back, so they are asked for again."""
        return [self[name] for name in self._typed()]


def chosen(data: QueryDict) -> QueryDict:
    """What was sent, with the chosen side of each part in its place."""
    sides = [name for name in data if name.startswith((MINE, THEIRS))]
    if not sides:
        return data
    merged = data.copy()
    for sided in sides:
        side, part, name = sided.split(":", 2) if sided.count(":") > 1 else ("", "", "")
        values = merged.pop(sided)
        if side == data.get(f"{CHOICE}{part}", "mine"):
            merged.setlist(name, values)
    return merged


def as_sent(bound: forms.BoundField) -> list[str]:
    """What a browser would send of a field as it is drawn."""
    return _sent(bound.field, bound.initial)


def _is_secret(field: forms.Field | None) -> bool:
    return field is not None and isinstance(field.widget, forms.PasswordInput)


def _sent(field: forms.Field, value: Any) -> list[str]:
    """As a browser would send what the field shows for this value."""
    if isinstance(field.widget, forms.CheckboxInput):
        return ["on"] if value else []
    drawn = field.widget.format_value(field.prepare_value(value))
    values = drawn if isinstance(drawn, list | tuple | set) else [drawn]
    sent = [str(one) for one in values if one not in (None, "")]
    if sent and isinstance(field, forms.ModelChoiceField):
        # What somebody may not see is no choice of theirs, so it is neither drawn nor sent. The
        # choices stay with the field, so that drawing it does not ask for them again.
        choices: Any = field.choices
        field.choices = drawn = list(iter(choices))  # which doesn't count them first
        there = {str(value) for value, _ in drawn}
        return [one for one in sent if one in there]
    return sent


def _written(values: Values) -> str:
    return json.dumps(values, ensure_ascii=False, separators=(",", ":"))


def _read(text: str) -> Values | None:
    """The values that a form began with; None where what was sent is none."""
    try:
        found = json.loads(text) if text and len(text) <= MOST_BASE else None
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    lists = {name: values for name, values in found.items() if isinstance(values, list)}
    return {name: [str(value) for value in values] for name, values in lists.items()}
