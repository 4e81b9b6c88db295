"""A choice of rows out of any number of them: drawn are those that are chosen, and the first others
that fit the words that were typed. What may be seen may be chosen, whether it is drawn or not."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from django import forms
from django.db.models import Case, Q, QuerySet, Value, When
from django.forms.models import ModelChoiceIterator
from django.http import QueryDict

from tenants.merging import BASE, Merging

if TYPE_CHECKING:
    Choices = ModelChoiceIterator[Any]
    MultipleChoiceField = forms.ModelMultipleChoiceField[Any]
else:
    Choices = ModelChoiceIterator
    MultipleChoiceField = forms.ModelMultipleChoiceField

FIND = "find_"  # before a field's name: the input to type in
MOST_OTHERS = 20
LONGEST_WORDS = 200


class Boxes(forms.CheckboxSelectMultiple):
    """Check-boxes whose ids are their rows': the focus stays on a row that others come before."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        if "id" in option["attrs"]:
            option["attrs"]["id"] = f"id_{name}_{value}"
        return option


class Offered(Choices):
    """What is drawn, in place of all that may be chosen."""

    field: OfferedField

    def __iter__(self) -> Iterator[Any]:
        return map(self.choice, self.field.offered)

    def __len__(self) -> int:
        return len(self.field.offered)


class OfferedField(MultipleChoiceField):
    """Rows with a name and a description, to find by either. One query, made when it is drawn."""

    widget = Boxes
    words = ""
    _chosen: frozenset[UUID] = frozenset()
    _drawn: tuple[list[Any], bool] | None = None

    def offer(self, rows: QuerySet[Any], chosen: Iterable[Any], words: str) -> None:
        """Take any of these rows; draw the chosen ones, of which some may be no rows, and those
        that fit the words."""
        self.iterator, self.queryset = Offered, rows
        self.words = " ".join(words.replace("\x00", "").split())[:LONGEST_WORDS]
        self._chosen, self._drawn = frozenset(_ids(chosen)), None

    @property
    def offered(self) -> list[Any]:
        """The chosen rows by name, then the first others."""
        return self._draw()[0]

    @property
    def has_more(self) -> bool:
        """Whether there are others that fit, and are not drawn."""
        return self._draw()[1]

    @property
    def found(self) -> int:
        """How many are drawn beside the chosen."""
        return sum(row.pk not in self._chosen for row in self.offered)

    @property
    def is_searched(self) -> bool:
        """Whether it takes a search to get to all of them."""
        return self.has_more or bool(self.words)

    def _draw(self) -> tuple[list[Any], bool]:
        if self._drawn is None:
            found = list(self._found()[: len(self._chosen) + MOST_OTHERS + 1])
            chosen = [row for row in found if row.pk in self._chosen]
            others = [row for row in found if row.pk not in self._chosen]
            self._drawn = [*chosen, *others[:MOST_OTHERS]], len(others) > MOST_OTHERS
        return self._drawn

    def _found(self) -> QuerySet[Any]:
        rows: QuerySet[Any] = self.queryset  # type: ignore[assignment]  # set by `offer`
        if self.words:
            fits = Q(name__icontains=self.words) | Q(description__icontains=self.words)
            rows = rows.filter(fits | Q(pk__in=self._chosen))
        if not self._chosen:
            return rows.order_by("name", "pk")
        chosen_first = Case(When(pk__in=self._chosen, then=Value(0)), default=Value(1))
        return rows.order_by(chosen_first, "name", "pk")


class Offering(Merging):
    """Mixed into a form with such fields. A subclass calls these at the end of its `__init__`, when
    its fields have their rows and `initial` has what is saved."""

    def fill_from_page(self, sent: QueryDict) -> None:
        """Draw the form as it was sent, to be drawn again with what is found; nothing is saved."""
        several = [name for name, field in self.fields.items() if _takes_several(field)]
        chosen = {name: sent.getlist(name) for name in several}
        self.initial = {**(self.initial or {}), **sent.dict(), **chosen}
        if base := sent.get(BASE):
            self.keep_base(lambda: base)

    def offer_rows(self, unsaved: QueryDict | None) -> None:
        """What was chosen before stays in sight with what is chosen now: a merge names both."""
        sent = self.data if unsaved is None else unsaved
        for name, field in self._offered_fields().items():
            now = sent.getlist(name) if isinstance(sent, QueryDict) else []
            chosen = {*map(str, (self.initial or {}).get(name, ())), *now}
            field.offer(cast("Any", field.queryset), chosen, sent.get(f"{FIND}{name}", ""))

    def _offered_fields(self) -> dict[str, OfferedField]:
        fields = self.fields.items()
        return {name: field for name, field in fields if isinstance(field, OfferedField)}


def _takes_several(field: forms.Field) -> bool:
    return getattr(field.widget, "allow_multiple_selected", False)


def _ids(values: Iterable[Any]) -> Iterator[UUID]:
    """Those that are ids at all."""
    for value in values:
        try:
            yield value if isinstance(value, UUID) else UUID(str(value))
        except ValueError:
            continue
