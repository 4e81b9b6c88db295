"""A server that speaks OpenAI's chat completions, for tests and benchmarks.

The model's name says how it behaves: `instant` (or any plain name) answers at once; otherwise
options joined by commas, each `name` or `name=value`:

    words=40        length of the answer             first=200   ms before the first token
    gap=20          ms between tokens                status=429  answer with this status
    retry_after=1   with a status                    times=2     fail only the first two requests
    hang            accept and never answer          garbage     answer what is no JSON
    cut=40          drop the connection after n      end=40      end the stream politely after n
    silent=40       say nothing more after n         trickle     comments only, for ever
    tool=NAME       ask for this tool, then answer   calls=2     so many calls of it at once
    args={...}      arguments of the calls (no comma inside; `;` stands for one)
    loop            ask for the tool every time      length      finish because of the limit
    filtered        finish because of a filter       nousage     report no token counts
    echo            answer with the last user's text
    stamped         each word is the moment at which it is sent (seconds, monotonic)

`python -m benchmarks.fake_provider --port 9999` serves until interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any, Self

_ANSWER = "The quick answer is that refunds take five working days and need no approval at all"
WORDS = _ANSWER.split()
HEAD = "HTTP/1.1 {status} OK\r\nContent-Type: {type}\r\n{extra}\r\n"
FAILURES = {"status", "hang", "garbage", "cut", "end", "silent", "trickle", "refuse"}


@dataclass(frozen=True)
class Behaviour:
    """What a model's name asks for."""

    options: dict[str, str]

    @classmethod
    def named(cls, model: str) -> Self:
        pairs = (part.partition("=") for part in model.split(","))
        return cls({name: value for name, _, value in pairs})

    def __contains__(self, name: str) -> bool:
        return name in self.options

    def number(self, name: str, default: int) -> int:
        return int(self.options.get(name) or default)

    def text(self, name: str, default: str = "") -> str:
        return self.options.get(name, default)

    def without_failures(self) -> Self:
        return type(self)({k: v for k, v in self.options.items() if k not in FAILURES})


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
        headers = _headers(await reader.readuntil(b"\r\n\r\n"))
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        request = json.loads(body or b"{}")
        if self.is_recording:
            self.requests.append(request)
            self.headers.append(headers)
        behaviour = self._behaviour(request.get("model", ""))
        if failed := await _failure(behaviour, writer):
            return failed == "answered"
        if not request.get("stream"):
            return await _answer_whole(behaviour, request, writer)
        return await _answer_in_pieces(behaviour, request, writer)

    def _behaviour(self, model: str) -> Behaviour:
        behaviour = Behaviour.named(model)
        self._seen[model] += 1
        has_recovered = "times" in behaviour and self._seen[model] > behaviour.number("times", 0)
        return behaviour.without_failures() if has_recovered else behaviour


def _headers(head: bytes) -> dict[str, str]:
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}


# ── Failing ──────────────────────────────────────────────────────────────────────────────────


async def _failure(behaviour: Behaviour, writer: asyncio.StreamWriter) -> str:
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
        _send_problem(behaviour, writer)
        return "answered"
    return ""


def _send_problem(behaviour: Behaviour, writer: asyncio.StreamWriter) -> None:
    status = behaviour.number("status", 500)
    body = json.dumps({"error": {"message": f"Fake trouble {status}", "type": "fake"}}).encode()
    extra = f"Content-Length: {len(body)}\r\n"
    if "retry_after" in behaviour:
        extra += f"Retry-After: {behaviour.text('retry_after')}\r\n"
    writer.write(_head(status, "application/json", extra) + body)


def _head(status: int, kind: str, extra: str) -> bytes:
    return HEAD.format(status=status, type=kind, extra=extra).encode()


# ── Answering ────────────────────────────────────────────────────────────────────────────────


async def _answer_whole(
    behaviour: Behaviour, request: dict[str, Any], writer: asyncio.StreamWriter
) -> bool:
    await asyncio.sleep(behaviour.number("first", 0) / 1000)
    calls = _calls(behaviour, request)
    text = None if calls else " ".join(_words(behaviour, request))
    message = {"role": "assistant", "content": text} | ({"tool_calls": calls} if calls else {})
    choice = {"index": 0, "message": message, "finish_reason": _finish(behaviour, bool(calls))}
    answer = _envelope(request, "chat.completion") | _usage(behaviour, request)
    body = json.dumps(answer | {"choices": [choice]}).encode()
    writer.write(_head(200, "application/json", f"Content-Length: {len(body)}\r\n") + body)
    await writer.drain()
    return True


async def _answer_in_pieces(
    behaviour: Behaviour, request: dict[str, Any], writer: asyncio.StreamWriter
) -> bool:
    """Stream; what needs no waiting leaves as one chunk, as from any server that flushes."""
    head = _head(200, "text/event-stream", "Transfer-Encoding: chunked\r\n")
    writer.write(head)
    if "trickle" in behaviour:
        return await _trickle(writer)
    await asyncio.sleep(behaviour.number("first", 0) / 1000)
    gap = behaviour.number("gap", 0) / 1000
    is_flushing = bool(gap) or "silent" in behaviour or "cut" in behaviour
    unsent = b""
    async for piece in _pieces(behaviour, request):
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


async def _trickle(writer: asyncio.StreamWriter) -> bool:
    while True:
        writer.write(_chunk(b": still thinking\n\n"))
        await writer.drain()
        await asyncio.sleep(0.05)


async def _pieces(behaviour: Behaviour, request: dict[str, Any]) -> AsyncIterator[bytes | None]:
    """The events of a stream; None where the connection shall end."""
    envelope = _envelope(request, "chat.completion.chunk")
    stop_after = min(behaviour.number(name, 10**9) for name in ("cut", "end", "silent"))
    calls = _calls(behaviour, request)
    deltas = _call_deltas(calls) if calls else _word_deltas(behaviour, request)
    for number, delta in enumerate(deltas):
        if number >= stop_after:
            if "silent" in behaviour:
                await asyncio.sleep(3600)
            yield None
            return
        yield _event(envelope | {"choices": [{"index": 0, "delta": delta, "finish_reason": None}]})
    finish = {"index": 0, "delta": {}, "finish_reason": _finish(behaviour, bool(calls))}
    yield _event(envelope | {"choices": [finish]})
    if usage := _usage(behaviour, request):
        yield _event(envelope | {"choices": []} | usage)
    yield b"data: [DONE]\n\n"


def _word_deltas(behaviour: Behaviour, request: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for number, word in enumerate(_words(behaviour, request)):
        said = repr(time.monotonic()) if "stamped" in behaviour else word
        yield {"content": said if number == 0 else f" {said}"}


def _call_deltas(calls: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each call as real servers send it: the name first, its arguments in two further pieces."""
    for index, call in enumerate(calls):
        arguments = call["function"]["arguments"]
        opened = {**call, "index": index, "function": {**call["function"], "arguments": ""}}
        yield {"tool_calls": [opened]}
        for part in (arguments[:4], arguments[4:]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}


def _words(behaviour: Behaviour, request: dict[str, Any]) -> list[str]:
    if "echo" in behaviour:
        return str(request["messages"][-1]["content"]).split(" ")
    count = behaviour.number("words", len(WORDS))
    return [WORDS[i % len(WORDS)] for i in range(count)]


def _calls(behaviour: Behaviour, request: dict[str, Any]) -> list[dict[str, Any]]:
    has_answer = request["messages"][-1]["role"] == "tool"
    is_asking = "tool" in behaviour and ("loop" in behaviour or not has_answer)
    if not is_asking:
        return []
    name = behaviour.text("tool")
    arguments = behaviour.text("args", "{}").replace(";", ",")
    return [
        {"id": f"call_{i}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for i in range(behaviour.number("calls", 1))
    ]


def _finish(behaviour: Behaviour, is_calling: bool) -> str:
    if is_calling:
        return "tool_calls"
    if "filtered" in behaviour:
        return "content_filter"
    return "length" if "length" in behaviour else "stop"


def _usage(behaviour: Behaviour, request: dict[str, Any]) -> dict[str, Any]:
    if "nousage" in behaviour:
        return {}
    sent = sum(len(str(message["content"])) for message in request["messages"]) // 4
    said = behaviour.number("words", len(WORDS))
    counts = {"prompt_tokens": sent, "completion_tokens": said, "total_tokens": sent + said}
    return {"usage": counts}


def _envelope(request: dict[str, Any], kind: str) -> dict[str, Any]:
    model = request.get("model")
    return {"id": "chatcmpl-fake", "object": kind, "created": int(time.time()), "model": model}


def _event(body: dict[str, Any]) -> bytes:
    return b"data: " + json.dumps(body).encode() + b"\n\n"


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
