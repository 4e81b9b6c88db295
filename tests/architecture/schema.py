"""What the migrations come to, as PostgreSQL tells it: the text of config/schema.sql."""

import os
import subprocess
import sys

import psycopg

from config import cluster
from config.cluster import MAJOR_VERSION
from config.settings import BASE_DIR
from tests import databases

NAME = "roster_migrated"
# What is not ours to keep: the extension is the superuser's, the queue's tables are a package's.
OPTIONS = (
    *("--no-owner", "--no-privileges", "--no-comments", "--rows-per-insert=1000"),
    *("--exclude-extension=vector", "--exclude-schema=pgmq"),
)


def is_known_server(url):
    """Whether this is a server of the version whose dump is kept."""
    with psycopg.connect(url) as connection:
        return str(connection.info.server_version // 10_000) == MAJOR_VERSION


def of_migrations(url):
    """The text for a database that `manage.py migrate` makes of nothing beside this one."""
    with databases.made(url, NAME) as made:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--skip-checks", "--verbosity=0"],
            cwd=BASE_DIR,
            env={**os.environ, "DATABASE_URL": made},
            check=True,
        )
        return dump(made)


def dump(url):
    """What pg_dump tells, without what differs each time and what only psql understands."""
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE django_migrations SET applied = 'epoch'")
    told = subprocess.run(
        [cluster._programs() / "pg_dump", *OPTIONS, url], capture_output=True, text=True, check=True
    )
    lines = (
        line for line in told.stdout.splitlines() if line and not line.startswith(("--", "\\"))
    )
    return "".join(f"{line}\n" for line in lines)
