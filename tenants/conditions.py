"""Conditions on a table's rows that are written once, for any query of that table to take over.

Django makes an expression of a condition and SQL of the expression each time that it is asked. For
what says who may see a row, which nearly every query holds, some many times, that takes longer than
all the rest of asking.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS
from django.db.models import BooleanField, Model, QuerySet
from django.db.models.expressions import BaseExpression
from django.db.models.sql.compiler import SQLCompiler
from django.db.models.sql.where import AND

from tenants.compiled import Value, marker, with_places

M = TypeVar("M", bound=Model)


class Condition(BaseExpression):
    """A condition on the rows of one table, whose SQL is written already."""

    conditional = True

    def __init__(self, pieces: tuple[str, ...], values: Sequence[Value], alias: str) -> None:
        """`pieces` are what stands between the places of the table's alias."""
        super().__init__(output_field=BooleanField())
        self._pieces, self._values, self._alias = pieces, values, alias

    def as_sql(self, compiler: SQLCompiler, connection: Any) -> tuple[str, tuple[Any, ...]]:
        alias = compiler.quote_name_unless_alias(self._alias)
        return alias.join(self._pieces), tuple(self._values)

    def relabeled_clone(self, change_map: Mapping[str, str]) -> Condition:
        return Condition(self._pieces, self._values, change_map.get(self._alias, self._alias))


class MoreThanConditions(ValueError):
    """A queryset does more than choose rows of its table."""


class Conditions:
    """Those by which the queryset of `make` chooses from a table: as in `Compiled`, but for any
    queryset of that table to take over."""

    _pieces: tuple[str, ...] | None
    _names: tuple[str, ...]

    def __init__(self, make: Callable[..., QuerySet[Any]], **like: Value) -> None:
        """`like` names the parameters and says of which type they are.

        Raises MoreThanConditions.
        """
        markers = {name: marker(value) for name, value in like.items()}
        query = make(**markers).query
        if query.annotations or sum(map(bool, query.alias_refcount.values())) > 1:
            raise MoreThanConditions
        query.change_aliases({query.get_initial_alias(): _ROW})
        try:
            written = query.get_compiler(DEFAULT_DB_ALIAS).compile(query.where)
        except EmptyResultSet:
            self._pieces = None
            return
        text, self._names = with_places(written, markers)
        self._pieces = tuple(re.split(f'"?{_ROW}"?', _apart(text)))

    def narrow(self, rows: QuerySet[M], **values: Value) -> QuerySet[M]:
        """Of rows that nothing was asked of yet, those that fulfil them for these values."""
        if self._pieces is None:
            return rows.none()
        query = rows.query
        alias = query.get_initial_alias()
        query.where.add(Condition(self._pieces, [values[n] for n in self._names], alias), AND)
        return rows


# The table whose rows are chosen, while its alias is not known.
_ROW = "the_row_in_question"


def _apart(text: str) -> str:
    """The aliases that Django gave to tables of subqueries (`U0`), made such as it gives to none,
    so that they hide none of the query in which this will stand."""
    return re.sub(r"""("[^"]*"|'(?:[^']|'')*')|\b([U-Z]\d+)\b""", _apart_from, text)


def _apart_from(found: re.Match[str]) -> str:
    return found[1] or f"r_{found[2]}"
