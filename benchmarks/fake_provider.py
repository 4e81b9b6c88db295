"""A server that speaks the vendors' wires, for tests and benchmarks: OpenAI's under /v1,
Anthropic's under /anthropic, Gemini's under /gemini.

The model's name says how it behaves: `instant` (or any plain name) answers at once; otherwise
options joined by commas, each `name` or `name=value`:

    words=40        length of the answer             first=200   ms before the first token
    gap=20          ms between tokens                status=429  answer with this status
    retry_after=1   with a status                    times=2     fail only the first two requests
    hang            accept and never answer          garbage     answer what is no JSON
    cut=40          drop the connection after n      end=40      end the stream politely after n
    silent=40       say nothing more after n         trickle     no words, for ever
    tool=NAME       ask for this tool, then answer   calls=2     so many calls of it at once
    args={...}      arguments of the calls (no comma inside; `;` stands for one)
    loop            ask for the tool every time      length      finish because of the limit
    filtered        finish because of a filter       nousage     report no token counts
    echo            answer with the last user's text
    stamped         each word is the moment at which it is sent (seconds, monotonic)
    cached=80       report so many tokens of input from a cache
    telling         a status repeats the API key in its message
    broken          an error in the midst of the stream, after `end` deltas

`python -m benchmarks.fake_provider --port 9999` serves until interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import unquote

from benchmarks.behaviour import Behaviour
from benchmarks.fake_wires import Anthropic, Wire, event, wire_of

HEAD = "HTTP/1.1 {status} OK\r\nContent-Type: {type}\r\n{extra}\r\n"
MODELS = ("fake-large", "fake-small")


@dataclass
class FakeProvider:
    """Runs the server in a thread of its own: `with FakeProvider() as fake: fake.base_url`."""

    port: int = 0
    requests: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    connections: int = 0
    is_recording: bool = True
    _seen: Counter[str] = field(default_factory=Counter)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    def url_of(self, kind: str) -> str:
        """The address to give an account of this kind."""
        return self.base_url.replace("/v1", {"anthropic": "/anthropic", "gemini": "/gemini"}[kind])

    def __enter__(self) -> Self:
        started = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(started,), daemon=True)
        self._thread.start()
        started.wait(5)
        return self

    def __exit__(self, *exc: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    def forget(self) -> None:
        """Start counting and recording afresh."""
        self.connections = 0
        self.requests.clear()
        self.headers.clear()
        self._seen.clear()

    def _serve(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            asyncio.start_server(self._connected, "127.0.0.1", self.port, backlog=512)
        )
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            for task in asyncio.all_tasks(self._loop):
                task.cancel()
            self._loop.run_until_complete(asyncio.sleep(0))
            self._loop.close()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Answer one request; whether the connection may serve another."""
        head = await reader.readuntil(b"\r\n\r\n")
        headers, path = _headers(head), head.split(b" ")[1].decode()
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request, wire = json.loads(body or b"{}"), wire_of(path)
        if self.is_recording:
            self.requests.append(request)
            self.headers.append(headers)
        if head.startswith(b"GET"):
            return _send(writer, *_listed(wire, headers))
        if fault := wire.fault(headers, request):
            return _send(writer, 400, wire.problem(400, fault))
        behaviour = self._behaviour(unquote(wire.model(path, request)))
        if failed := await _failure(behaviour, wire, headers, writer):
            return failed == "answered"
        if not wire.streams(path, request):
            await asyncio.sleep(behaviour.number("first", 0) / 1000)
            return _send(writer, 200, wire.whole(behaviour, request))
        return await _answer_in_pieces(behaviour, wire, request, writer)

    def _behaviour(self, model: str) -> Behaviour:
        behaviour = Behaviour.named(model)
        self._seen[model] += 1
        has_recovered = "times" in behaviour and self._seen[model] > behaviour.number("times", 0)
        return behaviour.without_failures() if has_recovered else behaviour


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


def _listed(wire: Wire, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """The list of models; the key "wrong" is none, and "none-listed" meets a server without one."""
    if "wrong" in _key(headers):
        return 401, wire.problem(401, f"Invalid key {_key(headers)}")
    if "unlisted" in _key(headers):
        return 404, wire.problem(404, "Not found")
    return 200, wire.models(MODELS)


def _key(headers: dict[str, str]) -> str:
    signed = (headers.get(name, "") for name in ("authorization", "x-api-key", "x-goog-api-key"))
    return " ".join(filter(None, signed)).removeprefix("Bearer ")


# ── Failing ──────────────────────────────────────────────────────────────────────────────────


async def _failure(
    behaviour: Behaviour, wire: Wire, headers: dict[str, str], writer: asyncio.StreamWriter
) -> str:
    """Fail in the way asked for: "answered" keeps the connection, "broken" does not, "" is none."""
    if "hang" in behaviour:
        await asyncio.sleep(3600)
    if "refuse" in behaviour:
        return "broken"
    if "garbage" in behaviour:
        body = b"data: <html>\r\n\r\ndata: {{{\n\n"
        writer.write(_head(200, "text/event-stream", f"Content-Length: {len(body)}\r\n") + body)
        return "answered"
    if "status" in behaviour:
        status = behaviour.number("status", 500)
        told = f"Bad key {_key(headers)}!" if "telling" in behaviour else f"Fake trouble {status}"
        wait = behaviour.text("retry_after")
        extra = f"Retry-After: {wait}\r\n" if wait else ""
        _send(writer, status, wire.problem(status, told), extra)
        return "answered"
    return ""


def _send(
    writer: asyncio.StreamWriter, status: int, answer: dict[str, Any], extra: str = ""
) -> bool:
    body = json.dumps(answer).encode()
    extra += f"Content-Length: {len(body)}\r\n"
    writer.write(_head(status, "application/json", extra) + body)
    return True


def _head(status: int, kind: str, extra: str) -> bytes:
    return HEAD.format(status=status, type=kind, extra=extra).encode()


# ── Answering ────────────────────────────────────────────────────────────────────────────────


async def _answer_in_pieces(
    behaviour: Behaviour, wire: Wire, request: dict[str, Any], writer: asyncio.StreamWriter
) -> bool:
    """Stream; what needs no waiting leaves as one chunk, as from any server that flushes."""
    head = _head(200, "text/event-stream", "Transfer-Encoding: chunked\r\n")
    writer.write(head)
    if "trickle" in behaviour:
        return await _trickle(wire, writer)
    await asyncio.sleep(behaviour.number("first", 0) / 1000)
    gap = behaviour.number("gap", 0) / 1000
    is_flushing = bool(gap) or "silent" in behaviour or "cut" in behaviour
    unsent = b""
    async for piece in _pieces(behaviour, wire, request):
        if piece is None:
            return await _broken_off(behaviour, unsent, writer)
        unsent += piece
        if is_flushing:
            writer.write(_chunk(unsent))
            unsent = b""
            await writer.drain()
            await asyncio.sleep(gap)
    writer.write((_chunk(unsent) if unsent else b"") + b"0\r\n\r\n")
    await writer.drain()
    return True


async def _broken_off(behaviour: Behaviour, unsent: bytes, writer: asyncio.StreamWriter) -> bool:
    if unsent:
        writer.write(_chunk(unsent))
    await writer.drain()
    if "cut" in behaviour:
        writer.transport.abort()
        return False
    writer.write(b"0\r\n\r\n")
    return True


async def _trickle(wire: Wire, writer: asyncio.StreamWriter) -> bool:
    while True:
        writer.write(_chunk(wire.idle))
        await writer.drain()
        await asyncio.sleep(0.05)


async def _pieces(
    behaviour: Behaviour, wire: Wire, request: dict[str, Any]
) -> AsyncIterator[bytes | None]:
    """The events of a stream; None where the connection shall end."""
    stop_after = min(behaviour.number(name, 10**9) for name in ("cut", "end", "silent"))
    for piece in wire.opening(behaviour, request):
        yield piece
    for number, piece in enumerate(wire.deltas(behaviour, request)):
        if number >= stop_after:
            if "silent" in behaviour:
                await asyncio.sleep(3600)
            if "broken" in behaviour:
                named = b"event: error\n" if isinstance(wire, Anthropic) else b""
                yield named + event(wire.problem(529, "Overloaded in the midst"))
            yield None
            return
        yield piece
    for piece in wire.closing(behaviour, request):
        yield piece


def _chunk(piece: bytes) -> bytes:
    return f"{len(piece):x}\r\n".encode() + piece + b"\r\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=0)
    with FakeProvider(port=parser.parse_args().port, is_recording=False) as fake:
        print(fake.base_url, flush=True)
        fake._thread.join()


if __name__ == "__main__":
    main()
