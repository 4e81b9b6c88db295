"""Queries that are compiled once.

Django writes a queryset's SQL anew whenever it is asked, and PostgreSQL plans it anew. For the
query that begins every request, five tables joined, that is nearly all of the time that it takes.
What is asked here keeps its SQL, and only its parameters change; rows become objects as ever.

Nothing in such a queryset may be worked out in Python while it is made: `Now()`, not
`timezone.now()`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Model, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql.compiler import SQLCompiler
from psycopg import sql

from tenants import prepared

M = TypeVar("M", bound=Model)
Value = UUID | str | int

# Of type integer, and far from any id that a constant of a query names.
_numbers = count(2_000_000_000)


class CompiledRows(Generic[M]):
    """The queryset that `make` makes of named parameters, each an id or a text.

    Of `optional` parameters the queryset may make no use. It prefetches nothing.
    """

    def __init__(self, make: Callable[..., QuerySet[M]], *, optional: Collection[str] = ()) -> None:
        self._make, self._optional = make, frozenset(optional)
        self._statement: _Statement | _Nothing | None = None

    def all(self, **values: Value) -> list[M]:
        """Its rows for these values."""
        # Two threads may both compile it; either result will do.
        self._statement = statement = self._statement or self._compiled(values)
        found: list[M] = statement.all(values)
        return found

    def _compiled(self, values: Mapping[str, Value]) -> _Statement | _Nothing:
        markers = {name: marker(value) for name, value in values.items()}
        try:
            return _statement(self._asked(self._make(**markers)), markers, self._optional)
        except EmptyResultSet:
            return _Nothing()

    def _asked(self, rows: QuerySet[M]) -> QuerySet[M]:
        return rows


class Compiled(CompiledRows[M]):
    """The same of a queryset that is asked for a single row."""

    def first(self, **values: Value) -> M | None:
        """The first row, by its key, for these values; None where there is none."""
        return next(iter(self.all(**values)), None)

    def _asked(self, rows: QuerySet[M]) -> QuerySet[M]:
        return rows.order_by("pk")[:1]


class CompiledCount:
    """How many rows the queryset has that `make` makes, as in `CompiledRows`: `most` at most."""

    def __init__(
        self,
        make: Callable[..., QuerySet[Any]],
        most: int | None = None,
        *,
        optional: Collection[str] = (),
    ) -> None:
        self._make, self._most, self._optional = make, most, frozenset(optional)
        self._statement: tuple[str, tuple[str, ...]] | None = None

    def of(self, **values: Value) -> int:
        """The number for these values."""
        self._statement = sql, names = self._statement or self._compiled(values)
        with prepared.cursor() as cursor:
            cursor.execute(sql, [values[name] for name in names])
            (found,) = cursor.fetchone()
        return int(found)

    def _compiled(self, values: Mapping[str, Value]) -> tuple[str, tuple[str, ...]]:
        markers = {name: marker(value) for name, value in values.items()}
        rows = self._make(**markers).order_by().values("pk")[: self._most]
        try:
            written = rows.query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
        except EmptyResultSet:
            return "SELECT 0", ()
        text, names = _with_all_places(written, markers, self._optional)
        return f"SELECT COUNT(*) FROM ({text}) AS found", names  # noqa: S608  # nosec B608 - Django's own


def marker(value: Value) -> Value:
    """A value of the same type that equals nothing else, and so shows where a parameter goes."""
    if isinstance(value, int):
        return next(_numbers)
    return uuid4() if isinstance(value, UUID) else uuid4().hex


class _Nothing:
    """Of a queryset that Django knows to be empty, whatever the values."""

    def all(self, values: Mapping[str, Value]) -> list[Any]:
        return []


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL with places for the named values, in order, and who makes objects of its rows."""

    sql: str
    names: tuple[str, ...]
    read: _Reader

    def all(self, values: Mapping[str, Value]) -> list[Any]:
        """As a queryset reads them, but for the compiling."""
        with prepared.cursor() as cursor:
            cursor.execute(self.sql, [values[name] for name in self.names])
            return [self.read.object_of(row) for row in cursor.fetchall()]


class _Reader:
    """What `ModelIterable` works out of a compiled query for every use of it, worked out once."""

    def __init__(self, compiler: SQLCompiler) -> None:
        kind: Any = compiler.klass_info
        select: Any = compiler.select
        fields = kind["select_fields"]
        self._begin, self._end = fields[0], fields[-1] + 1
        self._model = kind["model"]
        self._names = [column[0].target.attname for column in select[self._begin : self._end]]
        related: Any = get_related_populators
        self._related = related(kind, select, DEFAULT_DB_ALIAS)
        self._annotations = tuple((compiler.annotation_col_map or {}).items())
        expressions = [column[0] for column in select[: compiler.col_count]]
        converters = compiler.get_converters(expressions)
        self._converters = tuple(
            (place, functions, expression) for place, (functions, expression) in converters.items()
        )

    def object_of(self, row: Iterable[Any]) -> Any:
        values = list(row)
        for place, functions, expression in self._converters:
            for convert in functions:
                values[place] = convert(values[place], expression, connection)
        found = self._model.from_db(DEFAULT_DB_ALIAS, self._names, values[self._begin : self._end])
        for populator in self._related:
            populator.populate(values, found)
        for name, place in self._annotations:
            setattr(found, name, values[place])
        return found


def _statement(
    rows: QuerySet[Any], markers: Mapping[str, Value], optional: Collection[str]
) -> _Statement:
    if rows._prefetch_related_lookups:  # type: ignore[attr-defined]
        raise ValueError("What is compiled prefetches nothing.")
    compiler = rows.query.get_compiler(DEFAULT_DB_ALIAS)
    text, names = _with_all_places(compiler.as_sql(), markers, optional)
    return _Statement(text, names, _Reader(compiler))


def _with_all_places(
    written: tuple[str, Iterable[Any]], markers: Mapping[str, Value], optional: Collection[str]
) -> tuple[str, tuple[str, ...]]:
    text, names = with_places(written, markers)
    if missing := markers.keys() - {*names, *optional}:
        raise ValueError(f"Not found in the SQL: {sorted(missing)}")
    return text, names


def with_places(
    written: tuple[str, Iterable[Any]], markers: Mapping[str, Value]
) -> tuple[str, tuple[str, ...]]:
    """SQL whose constants are written out, with places for the markers only; their names."""
    named = {marker: name for name, marker in markers.items()}
    text, parameters = written[0], tuple(written[1])
    names = [named.get(p) if isinstance(p, Value) else None for p in parameters]
    places = iter(zip(names, parameters, strict=True))

    def filled(sign: re.Match[str]) -> str:
        if sign[0] == "%%":
            return "%%"
        name, constant = next(places)
        return "%s" if name else _literal(constant)

    return re.sub("%[s%]", filled, text), tuple(filter(None, names))


def _literal(constant: Any) -> str:
    """A value that never changes, as Django would send it: the database plans by what it is."""
    connection.ensure_connection()
    return sql.Literal(constant).as_string(connection.connection).replace("%", "%%")


def insert(row: Model) -> None:
    """As `row.save(force_insert=True)` of a model without parents, signals and values that the
    database gives, by SQL that is written once."""
    fields = row._meta.concrete_fields
    values = [
        field.get_db_prep_save(field.pre_save(row, True), connection=connection) for field in fields
    ]
    with prepared.cursor() as cursor:
        cursor.execute(_insertion(type(row)), values)
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


_insertions: dict[type[Model], str] = {}


def _insertion(model: type[Model]) -> str:
    if model not in _insertions:
        columns = [str(field.column) for field in model._meta.concrete_fields]
        names, places = ", ".join(columns), ", ".join("%s" for _ in columns)
        table = model._meta.db_table
        _insertions[model] = f"INSERT INTO {table} ({names}) VALUES ({places})"  # noqa: S608  # nosec B608 - our own names
    return _insertions[model]
