"""The processes that measures 1 to 3 talk to: ours, the floor, and the fake provider."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_START_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Servers:
    """Everything that runs while a measure is taken."""

    provider_url: str
    floor_port: int
    our_port: int


@contextmanager
def serving() -> Iterator[Servers]:
    """Start all three and stop them again."""
    with ExitStack() as stack:
        provider, floor, ours = (_free_port() for _ in range(3))
        url = f"http://127.0.0.1:{provider}/v1"
        for port, arguments in (
            (provider, ["-m", "benchmarks.fake_provider", "--port", str(provider)]),
            (floor, ["-m", "benchmarks.floor_app", str(floor), url]),
            (ours, ["manage.py", "web", "--port", str(ours)]),
        ):
            stack.enter_context(_process(arguments, port))
        yield Servers(url, floor, ours)


@contextmanager
def _process(arguments: list[str], port: int) -> Iterator[None]:
    """A process that answers at a port; what it writes is shown when it does not."""
    with tempfile.TemporaryFile() as told:
        environment = {**os.environ, "ALLOW_PRIVATE_NETWORKS": "true"}
        command = [sys.executable, *arguments]
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=told, stderr=told)
        try:
            if not _answers(process, port):
                told.seek(0)
                raise RuntimeError(f"{arguments} did not start: {told.read()[-2000:].decode()}")
            yield
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answers(process: subprocess.Popen[bytes], port: int) -> bool:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.1)
    return False
