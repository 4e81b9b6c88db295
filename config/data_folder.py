"""The folder that holds everything an install keeps: the database, files, secrets, the lock.

Only the owner may enter it. One `up` at a time works in it: the lock goes with the process that
holds it, however that process ends.
"""

import base64
import fcntl
import json
import os
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

SECRETS_FILE = "secrets.json"
LOCK_FILE = "up.lock"


class Unusable(Exception):
    """The folder can't be used; the message is for a person and names the remedy."""


class InUse(Unusable):
    """Another process works in this folder."""


def stored_secrets(data_dir: Path) -> dict[str, str]:
    """The secrets generated here by the first start; none where nothing was started yet."""
    try:
        stored: dict[str, str] = json.loads((data_dir / SECRETS_FILE).read_text())
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError) as error:
        raise Unusable(
            f"{data_dir / SECRETS_FILE} can't be read ({error}). Start Roster as the user who owns "
            "the folder, or restore the file from a backup: without it the stored secrets are lost."
        ) from error
    return stored


def create(data_dir: Path) -> None:
    """Make the folder, for its owner only; `Unusable` where that is impossible."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        probe = data_dir / f".probe-{os.getpid()}"
        probe.write_bytes(b"")
        probe.unlink()
    except OSError as error:
        raise Unusable(
            f"The data folder {data_dir} can't be written ({error.strerror}). Make it writable for "
            "the user who starts Roster, or set ROSTER_DATA_DIR to another folder."
        ) from error


def create_secrets(data_dir: Path) -> dict[str, str]:
    """The stored secrets, generated at the first call."""
    stored = stored_secrets(data_dir)
    if stored:
        return stored
    stored = {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "ROSTER_SECRET_KEYS": f"k1:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    }
    _write_privately(data_dir / SECRETS_FILE, json.dumps(stored, indent=2))
    return stored


@contextmanager
def held(data_dir: Path, note: str) -> Iterator[None]:
    """Hold the folder for this process; `InUse` with the holder's note when another has it."""
    with (data_dir / LOCK_FILE).open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise InUse(
                f"Roster already runs in {data_dir} ({lock.read().strip() or 'starting'}). Stop "
                "it first, or set ROSTER_DATA_DIR to another folder for a second one."
            ) from None
        lock.truncate(0)
        lock.write(note)
        lock.flush()
        yield
        lock.truncate(0)


def _write_privately(path: Path, text: str) -> None:
    """Write a file that only its owner may read, whole or not at all."""
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.rename(path)
