"""Migrations are complete, say one idea each, and can be undone."""

import io
import os

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.migrations import RunPython, RunSQL
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from config import cluster
from config.schema import FILE
from tests.architecture import schema
from tests.architecture.regenerate import is_asked
from tests.architecture.source_code import APPS
from tests.row_security import policies

HOW = "python -m tests.architecture.regenerate"

LABELS = sorted(
    label
    for app in APPS
    if (label := app.rpartition(".")[2]) in {c.label for c in apps.get_app_configs()}
)


@pytest.fixture
def server():
    """The address of one of the version whose dump is kept."""
    url = os.environ["DATABASE_URL"]
    if not schema.is_known_server(url):
        pytest.skip(f"only PostgreSQL {cluster.MAJOR_VERSION} writes it like this")
    return url


def ours():
    loader = MigrationLoader(None, ignore_no_migrations=True)
    return {key: found for key, found in loader.disk_migrations.items() if key[0] in LABELS}


@pytest.mark.django_db
def test_no_migration_is_missing():
    out = io.StringIO()

    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=out, stderr=out)
    except SystemExit:
        pytest.fail(f"Run `manage.py makemigrations`:\n{out.getvalue()}")


def test_every_operation_can_be_undone():
    stuck = [
        f"{label} {name}: {operation.describe()}"
        for (label, name), migration in ours().items()
        for operation in migration.operations
        if not operation.reversible
        or (isinstance(operation, RunPython) and operation.reverse_code is None)
        or (isinstance(operation, RunSQL) and operation.reverse_sql is None)
    ]

    assert not stuck, "These have no way back:\n" + "\n".join(stuck)


def test_each_app_has_one_last_migration():
    loader = MigrationLoader(None, ignore_no_migrations=True)

    assert not {app: names for app, names in loader.detect_conflicts().items() if app in LABELS}


@pytest.mark.django_db(transaction=True)
def test_each_apps_last_migration_is_undone_and_done_again():
    """On the real database: what `reversible` only claims."""
    loader = MigrationLoader(connection)
    leaves = {label: name for label, name in loader.graph.leaf_nodes() if label in LABELS}
    applied = set(MigrationRecorder(connection).applied_migrations())
    before = _shape()

    for label, name in leaves.items():
        parents = [n for app, n in loader.get_migration(label, name).dependencies if app == label]
        if not parents or _is_needed_elsewhere(loader, (label, name)):
            continue
        call_command("migrate", label, parents[0], verbosity=0)
        assert set(MigrationRecorder(connection).applied_migrations()) != applied
        call_command("migrate", label, verbosity=0)
    if policies.is_asked():
        policies.install()  # a table that was made anew has none

    assert _shape() == before
    assert set(MigrationRecorder(connection).applied_migrations()) == applied


def _is_needed_elsewhere(loader, key):
    """Undoing it would undo other apps' migrations: they are undone by themselves here."""
    return any(child.key[0] != key[0] for child in loader.graph.node_map[key].children)


def _shape():
    """Tables, columns, constraints and indexes, as the database tells them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns"
            " WHERE table_schema = 'public'"
            " UNION ALL SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid), ''"
            " FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
            " UNION ALL SELECT tablename, indexname, indexdef, '' FROM pg_indexes"
            " WHERE schemaname = 'public'"
        )
        return set(cursor.fetchall())


@pytest.mark.skipif(not is_asked(), reason=f"only in {HOW}")
def test_the_schema_is_written_anew(server):
    FILE.write_text(schema.of_migrations(server))


def test_the_kept_schema_is_what_the_migrations_come_to(server):
    assert FILE.read_text() == schema.of_migrations(server), HOW
