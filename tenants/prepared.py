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
    """As `connection.cursor()`, counted and logged like it; values have to be such as the database
    can tell the type of: ids, texts, numbers."""
    with connection.cursor() as opened:
        opened.cursor.close()
        of_psycopg: Any = ServerBindingCursor  # the stubs know no arguments of it
        opened.cursor = of_psycopg(connection.connection)
        yield opened
