"""Where the embedded PostgreSQL of a data folder is found. Pure functions: nothing is started.

The server itself is config/cluster.py.
"""

import hashlib
import os
import re
from pathlib import Path
from urllib.parse import quote

from config import broker

ROLE = DATABASE = "roster"
PORT = 5432  # names the socket file; nothing listens on a network port
# A socket's whole path must fit 104 bytes (macOS; 108 on Linux), "/.s.PGSQL.5432" included.
LONGEST_SOCKET_FOLDER = 88


def database_url(data_dir: Path) -> str:
    return f"postgresql://{ROLE}@/{DATABASE}?host={quote(str(socket_folder(data_dir)), safe='')}"


def broker_url(data_dir: Path) -> str:
    """The queue in the same database."""
    return broker.url_beside(database_url(data_dir))


def cluster_folder(data_dir: Path) -> Path:
    return data_dir / "postgres"


def socket_folder(data_dir: Path) -> Path:
    """Inside the data folder, or in /tmp where that path is too long for a socket's name or has
    characters that a connection string would have to quote.
    """
    folder = data_dir / "socket"
    if len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER and re.fullmatch(r"[\w/.-]+", str(folder)):
        return folder
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    return Path("/tmp") / f"roster-{digest}"  # noqa: S108  # nosec B108 - ownership is checked
