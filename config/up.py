"""`manage.py up`: one command from nothing to a running portal, and back to nothing.

Loading the application is most of a start. So nothing here needs it until others are under way.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import django
from django.conf import settings

from config import cluster, data_folder, ports, schema
from config.gate import Gate
from config.supervisor import Console, GaveUp, Program, Supervisor

if TYPE_CHECKING:
    from config.demo import Demo

SLOW_SECONDS = 60
LOOK_SECONDS = 0.1

Say = Callable[[str], None]


@dataclass(frozen=True)
class Wishes:
    """The options of the command."""

    host: str
    port: int
    wants_demo: bool


def up(wishes: Wishes, console: Console) -> None:
    """Start everything, look after it, and stop it when asked to.

    Raises, before anything is started: `data_folder.Unusable`, `ports.PortTaken`. Later:
    `cluster.ClusterError`, `supervisor.GaveUp`, and `supervisor.StopRequested` at the end.
    """
    folder = settings.DATA_DIR
    data_folder.create(folder)
    with data_folder.held(folder, f"process {os.getpid()}, {_address(wishes)}"):
        ports.require_free(wishes.host, wishes.port)
        _require_secrets(folder)
        supervisor = Supervisor(console)
        with supervisor.signals():
            try:
                _start(wishes, supervisor)
                supervisor.run()
            finally:
                supervisor.stop()


def program(name: str, *words: str, gate: Gate | None = None) -> Program:
    """A command of this project as a child of a supervisor."""
    manage = str(settings.BASE_DIR / "manage.py")
    return Program(
        name,
        [sys.executable, "-u", manage, *words, *(gate.words if gate else ())],
        stop_seconds=12,
        inherits=[gate.inner] if gate else (),
    )


def workers(gate: Gate | None = None) -> list[Program]:
    """What does the work in the background."""
    return [program(name, "worker", name, gate=gate) for name in ("runs", "knowledge")]


def _start(wishes: Wishes, supervisor: Supervisor) -> None:
    say = partial(supervisor.console.line, "roster")
    gate = Gate()
    address = ("--host", wishes.host, "--port", str(wishes.port))
    supervisor.start(program("web", "web", *address, gate=gate))
    django.setup()
    # By now its modules are compiled, if this was their first time.
    for child in workers(gate):
        supervisor.start(child)
    if settings.IS_EMBEDDED:
        _start_database(supervisor, settings.DATA_DIR, say)
        schema.load(settings.DATABASE_URL)
    # Not before: these have models.
    from config import readying  # noqa: PLC0415 - see above

    readying.migrate(say)
    gate.open()
    made = readying.seed() if wishes.wants_demo else None
    readying.leave()
    _wait_until_ready(wishes, supervisor, say)
    # Nothing is due in the first seconds, in which the others need the processor.
    supervisor.start(program("beat", "beat"))
    _welcome(wishes, made, say)


def _require_secrets(folder: Path) -> None:
    """On the first start, make the secrets, which the settings have not found."""
    if not settings.HAS_SECRETS:
        made = data_folder.create_secrets(folder)
        if not settings.HAS_SECRET_KEY:
            settings.SECRET_KEY = made["SECRET_KEY"]
        settings.SECRET_KEYS = settings.SECRET_KEYS or made["ROSTER_SECRET_KEYS"]


def _start_database(supervisor: Supervisor, folder: Path, say: Say) -> None:
    say(f"starting PostgreSQL in {folder}")
    cluster.prepare(folder)
    postgres = Program(
        "postgres",
        cluster.command(folder),
        folder="/",
        environment=cluster.environment(),
        before_start=partial(_prepare, folder),
        stop_signal=signal.SIGINT,
        stop_seconds=30,
        is_tied=True,
        stops_last=True,
    )
    cluster.wait_until_ready(folder, supervisor.start(postgres))
    cluster.provision(folder)


def _prepare(folder: Path) -> None:
    try:
        cluster.prepare(folder)
    except cluster.ClusterError as error:
        raise GaveUp(str(error)) from error


def _wait_until_ready(wishes: Wishes, supervisor: Supervisor, say: Say) -> None:
    slow_at = time.monotonic() + SLOW_SECONDS
    while (waits_for := _not_ready(wishes)) is not None:
        supervisor.tend()
        time.sleep(LOOK_SECONDS)
        if time.monotonic() > slow_at:
            say(f"still waiting for: {waits_for}")
            slow_at += SLOW_SECONDS


def _not_ready(wishes: Wishes) -> str | None:
    """What /readyz still waits for; None when nothing. Asked as any probe would ask."""
    try:
        with socket.create_connection((_reachable(wishes.host), wishes.port), timeout=5) as probe:
            probe.sendall(b"GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n")
            answer = b"".join(iter(partial(probe.recv, 65536), b""))
        head, _, body = answer.partition(b"\r\n\r\n")
        checks = json.loads(body)["checks"]
    except (OSError, ValueError, KeyError):
        return "the web process"
    if b" 200 " in head.partition(b"\r\n")[0]:
        return None
    return ", ".join(f"{name} ({state})" for name, state in checks.items() if state != "ok")


def _welcome(wishes: Wishes, made: Demo | None, say: Say) -> None:
    say(f"Roster is ready: {_address(wishes)}")
    if made is None:
        say("`manage.py seed_demo` makes an organisation to try things in")
    elif made.password:
        say(f"sign in as {made.email} with the password {made.password} (shown only now)")
    else:
        say(f"sign in as {made.email}; a new password: `manage.py changepassword {made.email}`")
    say("Ctrl-C stops everything")


def _address(wishes: Wishes) -> str:
    host = _reachable(wishes.host)
    return f"http://{f'[{host}]' if ':' in host else host}:{wishes.port}/"


def _reachable(host: str) -> str:
    """A name for this machine's own browser, where the host means every address."""
    return {"0.0.0.0": "localhost", "::": "localhost"}.get(host, host)  # noqa: S104  # nosec B104
