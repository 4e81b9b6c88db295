"""Statements that the database plans once for a connection instead of each time it is asked.

Django writes values into the SQL, so to PostgreSQL every query is a new one; planning the one that
every request begins with takes longer than doing it. What is executed here is prepared when it
comes a second time on a connection (`prepare_threshold` in the settings), with its values apart.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.backends.postgresql.base import ServerBindingCursor


@contextmanager
def cursor() -> Iterator[Any]:
    """As `connection.cursor()`; values have to be such as the database can tell the type of."""
    with connection.cursor() as opened:
        # Who logs queries wants to read their values, which stand in what Django's cursor sends.
        if not connection.queries_logged:
            opened.cursor.close()
            _plan_once(connection.connection)
            of_psycopg: Any = ServerBindingCursor  # the stubs know no arguments of it
            opened.cursor = of_psycopg(connection.connection)
        yield opened


@contextmanager
def queries() -> Iterator[None]:
    """Within, what querysets ask is executed so as well, but for what is read by `iterator`."""
    opened = None if connection.queries_logged else _opened()
    if opened is None:
        yield
        return
    _plan_once(opened)
    before, opened.cursor_factory = opened.cursor_factory, ServerBindingCursor
    try:
        yield
    finally:
        opened.cursor_factory = before


def _opened() -> Any:
    connection.ensure_connection()
    return connection.connection


def _plan_once(opened: Any) -> None:
    """Have PostgreSQL plan without values what it would plan anew for each of the first five: all
    that is prepared finds rows by keys, or the first along an index, whichever these are."""
    if not getattr(opened, "plans_once", False):
        with connection.wrap_database_errors:
            opened.execute("SET plan_cache_mode = force_generic_plan")
        opened.plans_once = True
