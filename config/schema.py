"""The tables of a new database at once: what all migrations together come to.

A hundred migrations take longest of all that a first start does. `schema.sql` is what pg_dump tells
of a database that they made; `python -m tests.architecture.regenerate` writes it, and a test
compares it with the migrations. Only the embedded server is given it, since another version might
not take it; and what it lacks, `migrate` adds.
"""

from pathlib import Path

import psycopg

from config.cluster import ClusterError

FILE = Path(__file__).with_name("schema.sql")


def load(url: str) -> bool:
    """Make the tables in a database that has none yet; whether that was so. Raises ClusterError."""
    try:
        with psycopg.connect(url) as connection:
            [found] = connection.execute("SELECT to_regclass('public.django_migrations')")
            if found != (None,):
                return False
            connection.execute(FILE.read_bytes())
    except psycopg.Error as error:
        raise ClusterError(f"The tables of the database can't be made: {error}") from error
    return True
