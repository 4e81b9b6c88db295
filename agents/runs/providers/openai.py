"""OpenAI's chat completions, which many servers speak, through the official SDK.

The SDK sends the requests, signs them and names the failures. Its typed resources and its event
reader are passed over: they cost a millisecond an answer, and the reader closes the connection at
`[DONE]`, where reading to the end lets the next call use it again.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import openai

from agents.runs.providers import openai_wire as wire
from agents.runs.providers.openai_failures import failure_of
from agents.runs.providers.port import Garbled, ModelRequest, ProviderError, Reply, Silent
from agents.runs.stopping import Stop
from tenants import outbound

OFFICIAL = "https://api.openai.com/"
# Longer than a reasoning model thinks before its first token; the agent's own limit is shorter.
SILENCE_SECONDS = 120.0
LONGEST_ANSWER_SECONDS = 3600.0


@dataclass(frozen=True, slots=True)
class OpenAIProvider:
    """One account. `reveal` gives the API key at the moment of use; it is kept nowhere."""

    base_url: str
    reveal: Callable[[], str] | None = None

    def stream(self, request: ModelRequest, stop: Stop) -> Iterator[str | Reply]:
        """See the port."""
        key = self.reveal() if self.reveal else "none"
        answer = wire.Answer()
        try:
            with self._opened(request, stop, key) as events, stop.waking(events.hang_up):
                yield from _pieces(events, answer, stop)
        except (openai.OpenAIError, outbound.HttpError, ProviderError) as error:
            stop.check()  # a connection that was hung up fails, but that's not what happened
            raise failure_of(error, key, has_begun=answer.has_begun) from error

    def _opened(self, request: ModelRequest, stop: Stop, key: str) -> _Events:
        is_official = self.base_url.startswith(OFFICIAL)
        return _client(self.base_url).post(
            "/chat/completions",
            cast_to=object,
            body=wire.body(request, is_official=is_official),
            options={
                "headers": {"Authorization": f"Bearer {key}"},
                "timeout": max(0.001, min(SILENCE_SECONDS, stop.remaining)),
            },
            stream=True,
            stream_cls=_Events,
        )


def _pieces(events: _Events, answer: wire.Answer, stop: Stop) -> Iterator[str | Reply]:
    """What one read of the network brought is one piece, however many events it held."""
    for lines in events.reads():
        stop.check()
        told = (line[5:].strip() for line in lines if line.startswith(b"data:"))
        piece = "".join(answer.take(_parsed(text)) for text in told if text != b"[DONE]")
        if piece:
            yield piece
    if answer.finish is None:
        # Said to be cut off, once a part of it has arrived, by the names of failures.
        raise Garbled("The provider ended the connection without an answer.")
    yield answer.reply()


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        event = json.loads(text)
    except ValueError as error:
        raise Garbled("The provider sent something that is no answer.") from error
    if not isinstance(event, dict):
        raise Garbled("The provider sent something that is no answer.")
    return event


class _Events(openai.Stream[object]):
    """An answer's lines, as the network brings them."""

    def reads(self) -> Iterator[list[bytes]]:
        """The complete lines that each read brought."""
        rest = b""
        try:
            for read in self.response.iter_bytes():
                *lines, rest = (rest + read).split(b"\n")
                yield lines
        except outbound.HttpTimeout as error:
            raise Silent("The provider stopped sending in the middle of its answer.") from error
        yield [rest]

    def hang_up(self) -> None:
        """Make a read that waits in another thread return at once."""
        stream = self.response.extensions.get("network_stream")
        waiting = stream.get_extra_info("socket") if stream is not None else None
        if waiting is not None:
            try:
                # Of the bare socket: TLS's own shutdown would pull the rug from under the reader.
                socket.socket.shutdown(waiting, socket.SHUT_RDWR)
            except OSError:
                return  # the other side was faster


@lru_cache(maxsize=64)
def _client(base_url: str) -> openai.OpenAI:
    # Retrying is the engine's; keys come with each request.
    return openai.OpenAI(base_url=base_url, api_key="none", http_client=_http(), max_retries=0)


@cache
def _http() -> Any:
    return outbound.client(timeout=SILENCE_SECONDS, total_seconds=LONGEST_ANSWER_SECONDS)
