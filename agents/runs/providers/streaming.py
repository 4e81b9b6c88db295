"""An answer as far as the network brings it: lines of server-sent events, and hanging up."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from functools import cache, partial
from typing import Any, Protocol

from agents.runs.providers.port import Garbled, ProviderError, Reply, Silent
from agents.runs.stopping import Stop
from tenants import outbound

# Longer than a reasoning model thinks before its first token; the agent's own limit is shorter.
SILENCE_SECONDS = 120.0
LONGEST_ANSWER_SECONDS = 3600.0


class Answer(Protocol):
    """What has arrived of an answer, in a vendor's shapes."""

    def take(self, event: dict[str, Any]) -> str:
        """Add one event; the text that it brought. Raises ProviderError."""

    def reply(self) -> Reply:
        """The end of the complete answer. Raises Garbled where it isn't complete."""


def pieces(response: Any, answer: Answer, stop: Stop) -> Iterator[str | Reply]:
    """What the port yields, out of an open response. The stop ends a wait for the network.

    What one read of the network brought is one piece, however many events it held. It reads to
    the end of the answer, so that the next call can use the connection again.
    """
    with stop.waking(partial(hang_up, response)):
        for lines in _reads(response):
            stop.check()
            piece, trouble = _taken(lines, answer)
            if piece:
                yield piece
            if trouble:
                raise trouble
        yield answer.reply()


def _taken(lines: list[bytes], answer: Answer) -> tuple[str, ProviderError | None]:
    """The text that the lines brought, as far as they are any; then what is wrong with them."""
    told = (line[5:].strip() for line in lines if line.startswith(b"data:"))
    words: list[str] = []
    try:
        words.extend(answer.take(_parsed(text)) for text in told if text != b"[DONE]")
    except ProviderError as trouble:
        return "".join(words), trouble
    return "".join(words), None


def _reads(response: Any) -> Iterator[list[bytes]]:
    """The complete lines that each read brought. Raises Silent."""
    rest = b""
    try:
        for read in response.iter_bytes():
            *lines, rest = (rest + read).split(b"\n")
            yield lines
    except outbound.HttpTimeout as error:
        raise Silent("The provider stopped sending in the middle of its answer.") from error
    yield [rest]


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        event = json.loads(text)
    except ValueError as error:
        raise Garbled("The provider sent something that is no answer.") from error
    if not isinstance(event, dict):
        raise Garbled("The provider sent something that is no answer.")
    return event


def hang_up(response: Any) -> None:
    """Make a read that waits in another thread return at once."""
    stream = response.extensions.get("network_stream")
    waiting = stream.get_extra_info("socket") if stream is not None else None
    if waiting is not None:
        try:
            # Of the bare socket: TLS's own shutdown would pull the rug from under the reader.
            socket.socket.shutdown(waiting, socket.SHUT_RDWR)
        except OSError:
            return  # the other side was faster


@cache
def http() -> Any:
    """The guarded connections that adapters share."""
    return new_http()


def new_http() -> Any:
    """Guarded connections of one's own."""
    return outbound.client(timeout=SILENCE_SECONDS, total_seconds=LONGEST_ANSWER_SECONDS)


def timeout_within(remaining: float) -> float:
    """How long a wait for the network may be, in seconds."""
    return max(0.001, min(SILENCE_SECONDS, remaining))
