"""The watched role, and a policy on every tenant table that binds it to the proven tenants."""

import os

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from psycopg import errors

from tenants.models import TenantOwned

ROLE = "roster_watched"
SETTING = "roster.tenants"  # their ids, between commas
_POLICY = "leak_detector"


def is_asked():
    return os.environ.get("ROSTER_TEST_RLS") == "1"


def tables():
    """The names of all tenant tables."""
    return sorted(m._meta.db_table for m in apps.get_models() if issubclass(m, TenantOwned))


def install():
    """Make role and policies, as far as they are missing; to be called outside of a transaction.

    Each statement is a transaction of its own: one that held the locks of many tables could meet
    an autovacuum in a deadlock.

    The role that runs the tests owns the tables and stays above the policies: it makes the rows of
    many tenants, and COPY is refused to who isn't. It must be allowed to make a role (CREATEROLE).
    """
    _make_role()
    with connection.cursor() as cursor:
        cursor.execute("SELECT nspname FROM pg_namespace WHERE nspname IN ('public', 'pgmq')")
        for (schema,) in cursor.fetchall():
            cursor.execute(f"GRANT USAGE ON SCHEMA {schema} TO {ROLE}")
            for kind in ("TABLES", "SEQUENCES"):
                cursor.execute(f"GRANT ALL ON ALL {kind} IN SCHEMA {schema} TO {ROLE}")
        for table in tables():
            cursor.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            cursor.execute(f"DROP POLICY IF EXISTS {_POLICY} ON {table}")
            cursor.execute(
                f"CREATE POLICY {_POLICY} ON {table} TO {ROLE} USING (tenant_id = ANY"
                f" (string_to_array(current_setting('{SETTING}', true), ',')::uuid[]))"
            )


def remove():
    """Leave the tables as the migrations made them; the role, which has no login, stays."""
    with connection.cursor() as cursor:
        for table in tables():
            cursor.execute(f"DROP POLICY IF EXISTS {_POLICY} ON {table}")
            cursor.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")


def _make_role():
    """The cluster's role; the workers' databases share it, and no lock spans two databases."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"CREATE ROLE {ROLE} NOLOGIN NOBYPASSRLS")
            cursor.execute(f"GRANT {ROLE} TO CURRENT_USER")
    except DatabaseError as error:
        if not isinstance(error.__cause__, errors.DuplicateObject | errors.UniqueViolation):
            raise
