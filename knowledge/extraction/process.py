"""The parent's side: start the child, follow it, believe only what has the right form, end it."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess  # nosec B404 - one fixed child of our own
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any

import structlog

from knowledge.extraction.blocks import Block, Extracted, Limits, OnPage, Unreadable

log = structlog.get_logger(__name__)

_ROOT = Path(__file__).resolve().parent.parent.parent
_BLINK_SECONDS = 0.5
# JSON escapes a letter with at most twelve; the rest is for the frame.
_OUTPUT_PER_CHARACTER = 14


def read_in_child(file: IO[bytes], media_type: str, limits: Limits, on_page: OnPage) -> Extracted:
    """Read a file, already found to be of this type, in a caged process.

    `file` is a real file, open at its start. `on_page(done, total)` is called as pages are read
    and at least twice a second; what it raises ends the child. Raises Unreadable.
    """
    extracted = Extracted()
    told = (0, 0)
    with _child(file, media_type, limits) as process:
        for message in _messages(process, limits):
            told = _take(message, extracted, told)
            on_page(*told)
        code = process.wait()
    if not extracted.media_type:
        raise _death(code)
    return extracted


@contextmanager
def _child(file: IO[bytes], media_type: str, limits: Limits) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(  # noqa: S603  # nosec B603 - our own module, nothing of the file
        [
            *(sys.executable, "-s", "-P", "-m", "knowledge.extraction.child"),
            *(media_type, str(os.getpid()), json.dumps(asdict(limits))),
        ],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PYTHONPATH": str(_ROOT), "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"},
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Kill the child with all that it may have started, and wait until it is gone."""
    # Nothing to kill means that it has ended by itself.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdout:
        process.stdout.close()


def _messages(process: subprocess.Popen[bytes], limits: Limits) -> Iterator[dict[str, Any]]:
    """The child's lines; an empty message whenever it is silent for a while."""
    pipe = process.stdout
    if pipe is None:
        raise RuntimeError("The child was started without a pipe.")
    deadline = time.monotonic() + limits.wall_seconds
    left = limits.characters * _OUTPUT_PER_CHARACTER
    pending = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(pipe, selectors.EVENT_READ)
        while True:
            if time.monotonic() > deadline:
                raise Unreadable("timeout")
            if not selector.select(timeout=_BLINK_SECONDS):
                yield {}
                continue
            piece = os.read(pipe.fileno(), 1 << 20)
            if not piece:
                return
            left -= len(piece)
            if left < 0:
                raise Unreadable("too_large", f"more than {limits.characters:,} letters")
            *lines, rest = (pending + piece).split(b"\n") if b"\n" in piece else (pending + piece,)
            pending = bytearray(rest)
            for line in lines:
                yield _parsed(bytes(line))


def _parsed(line: bytes) -> dict[str, Any]:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise Unreadable("damaged", "the reader wrote nonsense") from error
    return message if isinstance(message, dict) else {}


def _take(message: dict[str, Any], extracted: Extracted, told: tuple[int, int]) -> tuple[int, int]:
    """Put one message where it belongs; the last page told. Raises Unreadable."""
    try:
        return _understood(message, extracted, told)
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable("damaged", "the reader wrote nonsense") from error


def _understood(
    message: dict[str, Any], extracted: Extracted, told: tuple[int, int]
) -> tuple[int, int]:
    if "failed" in message:
        told_by = log.warning if message.get("is_crash") else log.info
        told_by("extraction.failed", code=message["failed"], detail=message.get("detail"))
        raise Unreadable(str(message["failed"]), str(message.get("detail", "")))
    if "page" in message:
        return int(message["page"]), int(message["of"])
    if "blocks" in message:
        extracted.blocks += [_block(*parts) for parts in message["blocks"]]
    if "read" in message:
        extracted.media_type = str(message["read"])
        pages = message["pages"]
        extracted.page_count = None if pages is None else int(pages)
    return told


def _block(text: str, level: int, page: int | None, is_lines: bool) -> Block:
    return Block(str(text), int(level), page if page is None else int(page), bool(is_lines))


def _death(code: int) -> Unreadable:
    """What it means that the child ended without a word."""
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return Unreadable("timeout")
    log.warning("extraction.child_died", code=code)
    return Unreadable("damaged", f"the reader ended with {code}")
