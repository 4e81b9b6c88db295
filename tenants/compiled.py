"""Queries that are compiled once.

Django writes a queryset's SQL anew whenever it is asked. For the query that begins every request,
five tables joined, that is 2.0 of 2.3 ms of processor time. What is asked here keeps its SQL, and
only its parameters change; rows become objects as ever.

Nothing in such a queryset may be worked out in Python while it is made: `Now()`, not
`timezone.now()`.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, QuerySet
from django.db.models.query import ModelIterable
from django.db.models.sql.compiler import SQLCompiler

M = TypeVar("M", bound=Model)
Value = UUID | str


class Compiled(Generic[M]):
    """The queryset that `make` makes of named parameters, each an id or a text."""

    def __init__(self, make: Callable[..., QuerySet[M]]) -> None:
        self._make = make
        self._statement: _Statement | None = None

    def first(self, **values: Value) -> M | None:
        """The first row, by its key, for these values; None where there is none."""
        # Two threads may both compile it; either result will do.
        self._statement = self._statement or _compiled(self._make, values)
        return next(self._statement.rows(values), None)


@dataclass(frozen=True, slots=True)
class _Statement:
    """SQL, its parameters with names for those that change, and who makes objects of its rows."""

    compiler: SQLCompiler
    sql: str
    parameters: tuple[Any, ...]

    def rows(self, values: dict[str, Value]) -> Iterator[Any]:
        """As a queryset reads them, but for the compiling."""
        filled = [values[p.name] if isinstance(p, _Named) else p for p in self.parameters]
        # A compiler has a connection, and those belong to threads.
        compiler: Any = copy.copy(self.compiler)
        compiler.connection = connections[DEFAULT_DB_ALIAS]
        compiler.as_sql = lambda *_, **__: (self.sql, tuple(filled))
        query = SimpleNamespace(get_compiler=lambda using: compiler)
        rows: Any = SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, _known_related_objects={})
        return iter(ModelIterable(rows))


@dataclass(frozen=True, slots=True)
class _Named:
    name: str


def _compiled(make: Callable[..., QuerySet[Any]], values: dict[str, Value]) -> _Statement:
    # Values that equal nothing else show where each parameter goes.
    markers = {
        name: uuid4() if isinstance(value, UUID) else uuid4().hex for name, value in values.items()
    }
    named = {marker: _Named(name) for name, marker in markers.items()}
    compiler = make(**markers).order_by("pk")[:1].query.get_compiler(DEFAULT_DB_ALIAS)
    sql, parameters = compiler.as_sql()
    places = [named.get(p, p) if isinstance(p, Value) else p for p in parameters]
    if missing := named.keys() - {p for p in parameters if isinstance(p, Value)}:
        raise ValueError(f"Not found in the SQL: {sorted(named[m].name for m in missing)}")
    return _Statement(compiler, sql, tuple(places))
