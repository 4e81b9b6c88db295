"""What `up` does to the database before others use it, once the application is loaded."""

from collections.abc import Callable

from django.core.management import call_command
from django.db import connection
from kombu import pools

from config import health, queue_tables
from config.demo import seed

__all__ = ["leave", "migrate", "seed"]


def migrate(say: Callable[[str], None]) -> None:
    """Bring it up to date; the queue's tables are made where they are missing."""
    if missing := health.missing_migrations():
        say(f"bringing the database up to date ({len(missing)} steps)")
        call_command("migrate", interactive=False, verbosity=0)
    else:
        queue_tables.install()


def leave() -> None:
    """This process only looks on from here."""
    connection.close()
    pools.reset()  # type: ignore[no-untyped-call]
