"""An HTTP transport that connects only to checked addresses, within time and size limits.

`fetch` uses it for single requests; the vendors' SDKs get it inside their HTTP client.
"""

import ssl
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache, lru_cache
from math import inf
from time import monotonic
from typing import Any

import httpcore2
import httpx2

from tenants.outbound.errors import OutboundError
from tenants.outbound.resolving import checked_addresses
from tenants.outbound.urls import check_url

MAX_HEADER_BYTES = 32 * 1024
_PIECE = 64 * 1024

# When the request that this thread is serving has to be over, on the monotonic clock. A pooled
# connection serves many requests, so the moment can't live in the connection.
_ends: ContextVar[float] = ContextVar("ends", default=inf)


@contextmanager
def _until(moment: float) -> Iterator[None]:
    token = _ends.set(moment)
    try:
        yield
    finally:
        _ends.reset(token)


def _remaining(timeout: float | None) -> float:
    left = _ends.get() - monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout("The time for the whole answer is over.")
    return min(left, 600 if timeout is None else timeout)


class _Stream(httpcore2.NetworkStream):
    """A connection on which every wait ends when the request's time does (slow drips)."""

    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _remaining(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _PIECE):
            self._stream.write(buffer[start : start + _PIECE], _remaining(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore2.NetworkStream:
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, _remaining(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


class _Backend(httpcore2.NetworkBackend):
    """Resolves and checks a name, then connects to what was checked.

    The pool above keeps the name, so that the Host header, SNI and the certificate are about it.
    """

    def __init__(self) -> None:
        self._sockets = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception | None = None
        for address in checked_addresses(host, port, _remaining(timeout)):
            try:
                stream = self._sockets.connect_tcp(
                    address, port, _remaining(timeout), local_address, socket_options
                )
                return _Stream(stream)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as problem:
                failure = problem
        raise failure or httpcore2.ConnectError("No address.")

    def connect_unix_socket(self, *args: Any, **kwargs: Any) -> httpcore2.NetworkStream:
        raise OutboundError("refused", "Sockets of this machine are not reached.")

    def sleep(self, seconds: float) -> None:
        self._sockets.sleep(seconds)


class _Capped(httpx2.SyncByteStream):
    """An answer's body, decompressed, within its limits of size and time."""

    def __init__(self, response: httpx2.Response, ends: float, max_bytes: int) -> None:
        self._response, self._ends, self._max_bytes = response, ends, max_bytes

    def __iter__(self) -> Iterator[bytes]:
        pieces, total = self._response.iter_bytes(), 0
        while True:
            with _until(self._ends):
                piece = next(pieces, None)
            if piece is None:
                return
            total += len(piece)
            if total > self._max_bytes:
                limit = f"{self._max_bytes:,} bytes"
                raise OutboundError("too_large", f"The answer is larger than {limit}.")
            if monotonic() > self._ends:
                raise httpx2.ReadTimeout("The time for the whole answer is over.")
            yield piece

    def close(self) -> None:
        self._response.close()


class GuardedTransport(httpx2.HTTPTransport):
    """The HTTP library's transport over a pool whose connections are guarded."""

    def __init__(self, *, max_bytes: int, total_seconds: float, keep_alive: bool) -> None:
        # Not super().__init__: it would build a pool that resolves and connects unguarded.
        self._max_bytes, self._total_seconds = max_bytes, total_seconds
        self._pool = httpcore2.ConnectionPool(
            ssl_context=ssl_context(),
            network_backend=_Backend(),
            max_connections=None,
            max_keepalive_connections=None if keep_alive else 0,
            keepalive_expiry=30.0,
        )

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        _check_address(request.url)
        ends = monotonic() + self._total_seconds
        with _until(ends):
            response = super().handle_request(request)
        try:
            headers = _checked_headers(response)
        except OutboundError:
            response.close()
            raise
        return httpx2.Response(
            status_code=response.status_code,
            headers=headers,
            stream=_Capped(response, ends, self._max_bytes),
            extensions=response.extensions,
        )


def _check_address(url: httpx2.URL) -> None:
    """As `check_url`. A provider is called at one address all day; what has a query may hold a
    secret, and is not remembered."""
    (check_url if url.query else _checked_address)(str(url))


# By the text alone; a refusal is an exception, and those are not remembered.
_checked_address = lru_cache(maxsize=256)(check_url)


def _checked_headers(response: httpx2.Response) -> list[tuple[bytes, bytes]]:
    if sum(len(name) + len(value) for name, value in response.headers.raw) > MAX_HEADER_BYTES:
        raise OutboundError("too_large", "The answer's headers are too large.")
    if not response.headers.get("content-encoding"):
        return response.headers.raw
    # The body leaves here decompressed, so what described it compressed must not leave with it.
    stale = (b"content-encoding", b"content-length")
    return [(name, value) for name, value in response.headers.raw if name.lower() not in stale]


@cache
def ssl_context() -> ssl.SSLContext:
    """The trusted certificates of the machine; reading them takes a while, so it is done once."""
    return httpx2.create_ssl_context(trust_env=False)


def transport(
    *, max_bytes: int = 64 * 1024 * 1024, total_seconds: float = 600, keep_alive: bool = True
) -> GuardedTransport:
    """A transport for a client of one's own; `max_bytes` counts what has been decompressed."""
    return GuardedTransport(max_bytes=max_bytes, total_seconds=total_seconds, keep_alive=keep_alive)
