"""Clients that cost next to nothing themselves: one that waits, and many at once."""

from __future__ import annotations

import asyncio
import http.client
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass

from benchmarks.harness import percentile


@dataclass(frozen=True, slots=True)
class Call:
    """One POST, sent again and again."""

    port: int
    path: str
    authorization: str
    body: dict[str, str]

    @property
    def request(self) -> bytes:
        body = json.dumps(self.body).encode()
        head = (
            f"POST {self.path} HTTP/1.1\r\nHost: localhost\r\n"
            f"Authorization: {self.authorization}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def p50_ms(call: Call, count: int = 150) -> float:
    """The median time of one client's calls, each checked."""
    connection = http.client.HTTPConnection("127.0.0.1", call.port, timeout=60)
    times = []
    for _ in range(count):
        began = time.perf_counter()
        answer = _post(connection, call)
        body = answer.read()
        times.append((time.perf_counter() - began) * 1000)
        if answer.status != 200 or json.loads(body)["status"] != "completed":
            raise RuntimeError(f"{answer.status}: {body[:300]!r}")
    connection.close()
    return percentile(times, 0.5)


def deltas(call: Call) -> Iterator[tuple[float, str]]:
    """The pieces of a streamed answer, each with the moment of its arrival (seconds, monotonic)."""
    connection = http.client.HTTPConnection("127.0.0.1", call.port, timeout=60)
    answer = _post(connection, call)
    is_piece = False
    while line := answer.readline():
        if line.startswith(b"event:"):
            is_piece = line.strip() == b"event: message.delta"
        elif line.startswith(b"data:") and is_piece:
            arrived = time.monotonic()
            yield arrived, json.loads(line[5:])["text"]
    connection.close()


def first_token_ms(call: Call, count: int = 60) -> float:
    """The median time until the first piece of a streamed answer is there."""
    times = []
    for _ in range(count):
        began = time.monotonic()
        arrived, _ = next(deltas(call))
        times.append((arrived - began) * 1000)
    return percentile(times, 0.5)


def _post(connection: http.client.HTTPConnection, call: Call) -> http.client.HTTPResponse:
    headers = {"Authorization": call.authorization, "Content-Type": "application/json"}
    connection.request("POST", call.path, json.dumps(call.body), headers)
    return connection.getresponse()


def per_second(call: Call, clients: int, seconds: float = 4.0) -> float:
    """Good answers per second with so many clients at once. Raises for a bad one."""
    return asyncio.run(_per_second(call, clients, seconds))


async def _per_second(call: Call, clients: int, seconds: float) -> float:
    began = time.monotonic()
    done = await asyncio.gather(
        *(_client(call.port, call.request, began + seconds) for _ in range(clients))
    )
    return sum(done) / (time.monotonic() - began)


async def _client(port: int, request: bytes, until: float) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    done = 0
    while time.monotonic() < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(
            int(line[15:])
            for line in head.lower().split(b"\r\n")
            if line[:15] == b"content-length:"
        )
        body = await reader.readexactly(length)
        if not head.startswith(b"HTTP/1.1 200") or b'"completed"' not in body:
            raise RuntimeError(f"{head[:60]!r} {body[:200]!r}")
        done += 1
    writer.close()
    return done
