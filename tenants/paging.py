"""Keyset paging: a page starts after a row, not after a number of rows, so page 1,000 costs as
much as page 1."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, cast

from django.core.exceptions import BadRequest, ValidationError
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import F, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.http import HttpRequest
from ninja import Field, Schema
from ninja.pagination import PaginationBase

from tenants import prepared
from tenants.problems import Problem

M = TypeVar("M", bound=Model)

# Lists say "1,000+" beyond this: an exact count of a large table costs more than the page.
COUNT_CAP = 1_000


class BadCursor(BadRequest):
    """A cursor that no page of this list handed out."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order by one field and then by id, so that it is total."""

    field: str
    descending: bool

    @classmethod
    def of(cls, name: str) -> Order:
        """From Django's notation: `-created_at` or `name`."""
        return cls(name.lstrip("-"), name.startswith("-"))

    def sorted(self, rows: QuerySet[M], *, backwards: bool = False) -> QuerySet[M]:
        """The rows in this order, or in its reverse."""
        return rows.order_by(*self.names(backwards=backwards))

    def names(self, *, backwards: bool = False) -> tuple[str, str]:
        """It, or its reverse, in Django's notation."""
        sign = "-" if self.descending != backwards else ""
        return f"{sign}{self.field}", f"{sign}pk"

    def after(self, rows: QuerySet[M], cursor: str, *, backwards: bool = False) -> QuerySet[M]:
        """The rows behind the cursor's row, or those before it. Raises BadCursor.

        A row without a value counts as greater than all others, as in PostgreSQL's order.
        """
        value, pk = self._values(rows.model, cursor)
        descending, none = self.descending != backwards, Q(**{f"{self.field}__isnull": True})
        if value is None:
            return rows.filter(none & Q(pk__lt=pk) | ~none if descending else none & Q(pk__gt=pk))
        beyond = TupleLessThan if descending else TupleGreaterThan
        further = Q(beyond(Tuple(F(self.field), F("pk")), (value, pk)))
        _, is_nullable = _field(rows.model, self.field)
        return rows.filter(further | none if is_nullable and not descending else further)

    def cursor(self, row: Model) -> str:
        """The opaque place of a row in this order."""
        value: Any = row
        for part in self.field.split("__"):
            value = getattr(value, part, None)
        text = json.dumps([value, row.pk], default=_exactly)
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _values(self, model: type[Model], cursor: str) -> tuple[Any, Any]:
        try:
            value, pk = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
            field, is_nullable = _field(model, self.field)
            if value is None and is_nullable:
                return None, _typed(model._meta.pk, pk)
            return _typed(field, value), _typed(model._meta.pk, pk)
        except _DAMAGED as error:
            raise BadCursor("This link to a page of the list is damaged.") from error


def _field(model: type[Model], path: str) -> tuple[Any, bool]:
    """The field of the model, or of the row that `user__name` leads to; whether it can be null."""
    field, is_nullable = None, False
    for part in path.split("__"):
        field = model._meta.get_field(part)
        is_nullable = is_nullable or field.null
        model = cast("type[Model]", field.related_model)
    return field, is_nullable


# What decoding, reading or typing a cursor that somebody made up can raise.
_DAMAGED = (ValueError, ValidationError, TypeError, OverflowError, RecursionError)


def _exactly(value: Any) -> str:
    """For JSON: a time to the microsecond (Django's own encoder drops the last three digits)."""
    if isinstance(value, datetime):
        return value.isoformat()
    told: str = DjangoJSONEncoder().default(value)
    return told


def _typed(field: Any, value: Any) -> Any:
    """The value as this field holds it. Raises one of _DAMAGED where it can't hold it."""
    typed = field.to_python(value)
    if typed is None or "\x00" in str(typed):
        raise ValueError("No value of this field.")
    str(typed).encode()  # refuses lone surrogates
    field.run_validators(typed)
    return typed


@dataclass(frozen=True, slots=True)
class Page(Generic[M]):
    """One page of a list, with the way on and back."""

    rows: list[M]
    next_url: str
    previous_url: str
    sort: str
    sorts: dict[str, str]
    total_label: str

    def __bool__(self) -> bool:
        return bool(self.rows)


class Listing(Protocol[M]):
    """What pages are made of: rows in no order yet."""

    def all(self) -> QuerySet[M]:
        """All of its rows."""

    def first(self, order: Order, size: int) -> list[M]:
        """The first rows in this order."""

    def count(self, most: int) -> int:
        """How many there are, `most` at most."""


@dataclass(frozen=True, slots=True)
class Asked(Generic[M]):
    """The rows of a query set, each query written anew."""

    rows: QuerySet[M]

    def all(self) -> QuerySet[M]:
        return self.rows

    def first(self, order: Order, size: int) -> list[M]:
        with prepared.queries():
            return list(order.sorted(self.rows)[:size])

    def count(self, most: int) -> int:
        # Of the ids alone: what else is asked of each row would be worked out for all of them.
        with prepared.queries():
            return self.rows.order_by().values("pk")[:most].count()


def paginate(
    request: HttpRequest,
    rows: QuerySet[M] | Listing[M],
    *,
    sorts: dict[str, str],
    default: str = "-created",
    size: int = 50,
) -> Page[M]:
    """The page that the address asks for by `sort`, `after` and `before`.

    `sorts` maps the public names to fields, without sign; an unknown name falls back to `default`.
    Raises BadCursor for a damaged cursor.
    """
    sort = request.GET.get("sort", default)
    if sort.lstrip("-") not in sorts:
        sort = default
    order = Order(sorts[sort.lstrip("-")], sort.startswith("-"))
    listing: Listing[M] = Asked(rows) if isinstance(rows, QuerySet) else rows
    before, after = request.GET.get("before", ""), request.GET.get("after", "")
    backwards = bool(before)
    window = _window(listing, order, before or after, size + 1, backwards=backwards)
    more, shown = len(window) > size, window[:size]
    if backwards:
        shown.reverse()
    has_next, has_previous = (bool(after or shown), more) if backwards else (more, bool(after))
    return Page(
        rows=shown,
        next_url=_url(request, after=order.cursor(shown[-1])) if has_next and shown else "",
        previous_url=_url(request, before=order.cursor(shown[0])) if has_previous and shown else "",
        sort=sort,
        sorts=sorts,
        total_label=_total(listing, shown, bool(before or after or more)),
    )


def _window(
    listing: Listing[M], order: Order, cursor: str, size: int, *, backwards: bool
) -> list[M]:
    if not cursor:
        return listing.first(order, size)
    found = order.sorted(listing.all(), backwards=backwards)
    with prepared.queries():
        return list(order.after(found, cursor, backwards=backwards)[:size])


def in_chunks(rows: QuerySet[M], *, order: str, limit: int, size: int = 500) -> Iterator[list[M]]:
    """Up to `limit` rows, `size` at a time, each a query of its own: no cursor is kept open.

    `order` as Django writes it, of one field.
    """
    places, cursor = Order.of(order), ""
    while limit > 0:
        found = places.sorted(rows)
        chunk = list((places.after(found, cursor) if cursor else found)[: min(size, limit)])
        if chunk:
            yield chunk
        if len(chunk) < size:
            return
        limit -= size
        cursor = places.cursor(chunk[-1])


def _url(request: HttpRequest, **place: str) -> str:
    query = request.GET.copy()
    for name in ("after", "before"):
        query.pop(name, None)
    query.update(place)
    return f"{request.path}?{query.urlencode()}"


def _total(listing: Listing[M], shown: list[M], is_part: bool) -> str:
    total = listing.count(COUNT_CAP + 1) if is_part else len(shown)
    return f"{COUNT_CAP:,}+" if total > COUNT_CAP else f"{total:,}"


class KeysetPagination(PaginationBase):
    """`?limit=&cursor=` → `{"items": […], "next_cursor": …}`, newest first unless told."""

    class Input(Schema):
        limit: int = Field(20, ge=1, le=200, description="How many items at most.")
        cursor: str | None = Field(None, description="`next_cursor` of the page before.")

    class Output(Schema):
        items: list[Any]
        next_cursor: str | None = Field(None, description="Null on the last page.")

    def paginate_queryset(
        self, queryset: QuerySet[Any], pagination: Any, request: HttpRequest, **params: Any
    ) -> dict[str, Any]:
        """A page of the query set, which must be ordered by one field at most."""
        order = Order.of(str(next(iter(queryset.query.order_by), "-created_at")))
        rows = order.sorted(queryset)
        if pagination.cursor:
            try:
                rows = order.after(rows, pagination.cursor)
            except BadCursor as error:
                raise Problem.invalid("/query/cursor", str(error)) from error
        with prepared.queries():
            window = list(rows[: pagination.limit + 1])
        items = window[: pagination.limit]
        more = len(window) > pagination.limit
        return {"items": items, "next_cursor": order.cursor(items[-1]) if more else None}
