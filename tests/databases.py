"""Databases beside the tests' own."""

from contextlib import contextmanager
from urllib.parse import urlsplit

import psycopg
from psycopg import sql

# Not `DROP DATABASE … WITH (FORCE)`: that is refused to who is no superuser while PostgreSQL itself
# is at work there, which is over at once when the database is dropped in the ordinary way.
LEFT = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND usename = user"
)


@contextmanager
def made(url, name):
    """The address of a new one on the same server, in which nothing is yet."""
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield urlsplit(url)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(LEFT, [name])
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
