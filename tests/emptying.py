"""What a test commits goes when it ends, and what migrations wrote stays.

Django's way empties those tables too and has every app fill them again, which takes several times
as long. It is taken only where a test has changed them.
"""

from contextlib import contextmanager
from functools import cache
from unittest.mock import patch

from django.db import connection
from django.test import TransactionTestCase

FROM_MIGRATIONS = ("auth_permission", "django_content_type", "django_migrations")
_SUMS = "SELECT " + ", ".join(
    f"(SELECT sum(hashtextextended(row::text, 0)) FROM {name} AS row)" for name in FROM_MIGRATIONS
)
_django_way = TransactionTestCase._fixture_teardown


@contextmanager
def quickly():
    """In place of `flush`, for as long as the block lasts."""
    known = _from_migrations()

    def empty(test_case):
        nonlocal known
        if _from_migrations() == known:
            with connection.cursor() as cursor:
                cursor.execute(_truncation())
        else:
            _django_way(test_case)
            known = _from_migrations()

    with patch.object(TransactionTestCase, "_fixture_teardown", empty):
        yield


def _from_migrations():
    with connection.cursor() as cursor:
        cursor.execute(_SUMS)
        return cursor.fetchone()


@cache
def _truncation():
    names = (
        connection.ops.quote_name(name)
        for name in connection.introspection.table_names()
        if name not in FROM_MIGRATIONS
    )
    return f"TRUNCATE {', '.join(names)}"
