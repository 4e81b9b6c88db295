# mypy: disable-error-code="no-untyped-call"
"""Kombu's queue in PostgreSQL, connected the way the URL says.

The `pgmq` package prefers the variable DATABASE_URL to what it is given, and joins host and
password into a connection string without quoting them. Kombu in turn puts a
socket folder in lower case. Here the URL goes to libpq as it is, whatever libpq understands.
"""

from dataclasses import dataclass
from typing import Any

import psycopg
from kombu.transport import pgmq
from pgmq import PGMQueue
from pgmq.base import PGMQConfig
from psycopg.conninfo import make_conninfo
from psycopg.errors import UndefinedTable
from psycopg_pool import ConnectionPool

from config.broker import SCHEME

LOOK_SECONDS = 0.5


@dataclass
class QueueConfig(PGMQConfig):
    """Where the queue is, as one connection string."""

    conninfo: str = ""

    @property
    def dsn(self) -> str:
        return self.conninfo


class Channel(pgmq.Channel):
    """Makes a queue again that somebody dropped, where Kombu would fail until its restart."""

    def _put(self, queue: str, message: dict[str, Any], **kwargs: Any) -> None:
        try:
            super()._put(queue, message, **kwargs)
        except UndefinedTable:
            self._new_queue(queue)
            super()._put(queue, message, **kwargs)


class Transport(pgmq.Transport):
    """The queue of a URL `pgmq://…`, whose rest is written as for `postgresql://…`."""

    Channel = Channel
    can_parse_url = True
    # Whatever the server says, a worker connects again, which also declares its queue again.
    connection_errors = (  # type: ignore[assignment]
        *pgmq.Transport.connection_errors,
        psycopg.Error,
    )

    def _create_pgmq_client(self) -> PGMQueue:
        there: Any = self.client
        options = there.transport_options
        conninfo = make_conninfo(
            f"postgresql:{there.hostname.removeprefix(SCHEME + ':')}",
            connect_timeout=2,
            application_name="roster-queue",
        )
        pool = ConnectionPool(
            conninfo,
            min_size=1,
            max_size=options.get("pool_size", 2),
            timeout=options["pool_timeout"],
            # A connection that died with a restarted server is replaced, not handed out.
            check=ConnectionPool.check_connection,
            open=True,
            name="queue",
        )
        client = PGMQueue(pool=pool, conn_string=None, init_extension=False)
        client._own_pool = True  # so that closing the client closes it
        client.config = QueueConfig(conninfo=conninfo, conn_string=None)
        return client

    def establish_connection(self) -> Any:
        """Connect. Where that fails no pool stays behind, whose threads would go on trying."""
        try:
            return super().establish_connection()
        except Exception:
            client, self._pgmq_client = self._pgmq_client, None
            if client is not None:
                client.close()
            raise

    def drain_events(self, connection: Any, timeout: float | None = None, **kwargs: Any) -> Any:
        """Wait for messages, never long: a worker looks in between whether it should stop."""
        patience = min(timeout or LOOK_SECONDS, LOOK_SECONDS)
        return super().drain_events(connection, timeout=patience, **kwargs)

    @classmethod
    def as_uri(cls, uri: str, include_password: bool = False, mask: str = "**") -> str:
        """For log lines: without the account."""
        return uri if include_password else f"{SCHEME}://{uri.rpartition('@')[2]}"
