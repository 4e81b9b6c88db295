"""The queue's own tables and functions in PostgreSQL."""

from django.conf import settings
from django.db import connection, transaction
from pgmq.install import install_pgmq_from_sql

from config.broker import is_in_postgres


def install(**_kwargs: object) -> None:
    """Create them in the database, unless they are there or the queue is elsewhere.

    Runs after every `migrate` and not as a migration of its own: a portal that moves from
    another queue to this one gets them then.
    """
    if not is_in_postgres(settings.CELERY_BROKER_URL):
        return
    with transaction.atomic(), connection.cursor() as cursor:
        # Two `migrate` at once: the second waits here, then finds everything made.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('roster.queue_tables'))")
        cursor.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL")
        if not cursor.fetchone()[0]:
            install_pgmq_from_sql(conn=connection.connection)
