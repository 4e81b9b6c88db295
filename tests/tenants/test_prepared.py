"""Statements that a connection keeps."""

import time

import pytest
from django.db import NotSupportedError, connection, transaction

from tenants import prepared
from tenants.models import Role

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def end_of_the_connection():
    before = connection.close_at
    yield
    connection.close_at = before


def ask(sql, *values):
    with prepared.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def kept():
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        return [statement for (statement,) in cursor.fetchall()]


def test_what_comes_again_is_planned_once():
    for number in range(3):
        assert ask("SELECT %s::int + 100", number) == [(number + 100,)]

    assert "SELECT $1::int + 100" in kept()
    assert ask("SHOW plan_cache_mode") == [("force_generic_plan",)]


def test_a_connection_keeps_those_used_last():
    for number in range(prepared.KEPT + 5):
        for _ in range(2):
            ask(f"SELECT %s::int + {number} AS kept", 1)

    found = kept()
    assert len(found) <= prepared.KEPT + 1  # the oldest goes with the next statement
    assert f"SELECT $1::int + {prepared.KEPT + 4} AS kept" in found


@pytest.mark.parametrize("is_query", [False, True])
def test_after_a_change_of_a_type_the_connection_is_given_up(is_query):
    """`cached plan must not change result type`, for as long as this connection lived."""

    def look():
        if not is_query:
            return ask('SELECT "label" FROM "tenants_role"')
        with prepared.queries():
            return list(Role.unscoped.values_list("label", flat=True))

    for _ in range(3):
        look()
    with transaction.atomic(), connection.cursor() as cursor:
        # Of an ALTER of its own psycopg would know; another connection's is as hidden as this.
        cursor.execute("DO 'BEGIN ALTER TABLE tenants_role ALTER label TYPE text; END'")

    with pytest.raises(NotSupportedError, match="result type"), transaction.atomic():
        look()

    assert connection.close_at <= time.monotonic()


def test_what_else_goes_wrong_leaves_the_connection():
    before = connection.close_at

    with pytest.raises(Exception, match="division"), transaction.atomic():
        ask("SELECT %s::int / 0", 1)

    assert connection.close_at == before
