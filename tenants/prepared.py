"""Statements that the database plans once for a connection instead of each time it is asked.

Django writes values into the SQL, so to PostgreSQL every query is a new one; planning the one that
every request begins with takes longer than doing it. What is executed here is prepared when it
comes a second time on a connection (`prepare_threshold` in the settings), with its values apart.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import NotSupportedError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.postgresql.base import ServerBindingCursor

# What a connection keeps of them, those used last; each is a quarter of a megabyte in the server.
KEPT = 50


def begin(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """For each new connection: have PostgreSQL plan without values what it would plan anew for each
    of the first five. All that is prepared finds rows by keys, or the first along an index,
    whichever these are."""
    connection.connection.prepared_max = KEPT
    connection.connection.execute("SET plan_cache_mode = force_generic_plan")


@contextmanager
def cursor() -> Iterator[Any]:
    """As `connection.cursor()`; values have to be such as the database can tell the type of."""
    with connection.cursor() as opened, _renewing():
        # Who logs queries wants to read their values, which stand in what Django's cursor sends.
        if not connection.queries_logged:
            opened.cursor.close()
            of_psycopg: Any = ServerBindingCursor  # the stubs know no arguments of it
            opened.cursor = of_psycopg(connection.connection)
        yield opened


@contextmanager
def queries() -> Iterator[None]:
    """Within, what querysets ask is executed so as well, but for what is read by `iterator`."""
    if connection.queries_logged:
        yield
        return
    connection.ensure_connection()
    opened: Any = connection.connection
    before, opened.cursor_factory = opened.cursor_factory, ServerBindingCursor
    try:
        with _renewing():
            yield
    finally:
        opened.cursor_factory = before


@contextmanager
def _renewing() -> Iterator[None]:
    """A column has another type than when a statement was prepared, since somebody migrates: this
    request fails, and the next ones on this thread get a new connection."""
    try:
        yield
    except NotSupportedError:
        connection.close_at = time.monotonic()
        raise
