"""Pytest plugin: one throw-away PostgreSQL for the whole run, where DATABASE_URL names none.

Loaded by `-p tests.cluster`, because it must act before pytest-django loads the settings. The
workers of pytest-xdist inherit the controller's environment and so its cluster, and each begins
with a copy of a database that has its tables.
"""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest

from config import cluster, embedded, schema

# The name of a database to copy, for whom the environment's server has one.
TEMPLATE = "ROSTER_TEST_TEMPLATE"
# Nobody may be connected to it while it is copied, so no test knows of it.
COPIED = "roster_template"

_stack = ExitStack()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests() -> Iterator[None]:
    if not os.environ.get("DATABASE_URL"):
        folder = Path(tempfile.mkdtemp(prefix="roster-tests-"))
        _stack.callback(shutil.rmtree, folder, ignore_errors=True)
        log = _stack.enter_context((folder / "postgres.log").open("wb"))
        try:
            _stack.enter_context(cluster.running(folder, log=log, throwaway=True))
        except cluster.ClusterError as error:
            log_text = (folder / "postgres.log").read_text()
            raise pytest.UsageError(f"{error}\n{log_text}") from error
        let_make_roles(folder)
        url = embedded.database_url(folder)
        schema.load(url)
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {COPIED} TEMPLATE {embedded.DATABASE}")
        _set("DATABASE_URL", url)
        _set(TEMPLATE, COPIED)
    return (yield)


def let_make_roles(folder: Path) -> None:
    """Allow what tests.row_security needs: a role that is bound by policies."""
    with cluster._superuser(folder, "postgres") as connection:
        connection.execute("ALTER ROLE roster CREATEROLE")


def _set(name: str, value: str) -> None:
    os.environ[name] = value
    _stack.callback(os.environ.pop, name, None)


def pytest_unconfigure() -> None:
    _stack.close()
