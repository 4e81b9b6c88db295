"""Where the queue is, and how patiently it is used. Pure functions for the settings."""

from typing import Any
from urllib.parse import urlsplit

SCHEME = "pgmq"
# A message that a dead worker took is seen again after this; the reconciler is faster anyway.
VISIBILITY_SECONDS = 120
# How long to try for a queue that is away, twice at most: the job's row is already written.
PATIENCE_SECONDS = 0.4


def url_beside(database_url: str) -> str:
    """The queue inside the database of this URL."""
    return f"{SCHEME}:{database_url.partition(':')[2]}"


def transport_options(url: str) -> dict[str, Any]:
    """Kombu's options for the kind of queue that this URL names."""
    options: dict[str, Any] = {
        "visibility_timeout": VISIBILITY_SECONDS,
        "max_retries": 0,  # of connecting in order to publish; a worker's own connection is retried
    }
    if is_in_postgres(url):
        options |= {
            "init_extension": False,  # there is none: config/queue_tables.py runs the SQL
            "use_notify": True,
            "notify_throttle_interval_ms": 0,  # else the second of two messages waits a second
            "wait_time_seconds": 0,  # NOTIFY wakes a worker; polling in the server delays it
            "pool_timeout": PATIENCE_SECONDS,
        }
    elif url.startswith("redis"):
        options["socket_connect_timeout"] = PATIENCE_SECONDS
    return options


def is_in_postgres(url: str) -> bool:
    return urlsplit(url).scheme == SCHEME
