"""Single requests with redirects followed by hand, and the client for the vendors' SDKs."""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any
from urllib.parse import urlencode

import httpx2

from tenants.outbound.errors import OutboundError
from tenants.outbound.hosts import is_allowed
from tenants.outbound.transports import transport
from tenants.outbound.urls import check_characters, check_url, origin

MAX_REDIRECTS = 3
_REDIRECTS = {301, 302, 303, 307, 308}
_DEFAULTS = {"accept": "*/*", "accept-encoding": "gzip, deflate", "user-agent": "Roster"}
# What another origin may see of a request. Credentials hide in headers of any name, so this lists
# what is kept rather than what is dropped.
_HARMLESS = {"accept", "accept-encoding", "accept-language", "user-agent"}

_CHARSET = re.compile(r"charset=[\"']?([\w-]+)", re.IGNORECASE)
# Closed, because some of Python's codecs (punycode, idna) take quadratic time.
_CHARSETS = {
    *("utf-8", "utf8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16"),
    *("shift_jis", "euc-jp", "euc-kr", "gbk", "gb2312", "big5", "windows-1251", "koi8-r"),
}

Params = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer; `headers` have lower-case names, `content` is decompressed."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    url: str
    redirects: int

    @property
    def text(self) -> str:
        """The body as text, undecodable bytes replaced."""
        named = _CHARSET.search(self.headers.get("content-type", ""))
        charset = named[1].lower() if named else "utf-8"
        return self.content.decode(charset if charset in _CHARSETS else "utf-8", errors="replace")

    def json(self) -> Any:
        """The body as JSON. Raises ValueError where it is none."""
        return json_module.loads(self.content)


def fetch(
    method: str,
    url: str,
    *,
    headers: Mapping[str, str] | None = None,
    params: Params | None = None,
    json: Any = None,
    form: Mapping[str, Any] | None = None,
    content: bytes | None = None,
    timeout: float = 30.0,
    max_bytes: int = 2 * 1024 * 1024,
    allowed_hosts: Collection[str] = (),
) -> Response:
    """Send one request and read its answer, redirects (at most 3) followed.

    `timeout` is for everything together, in seconds; `max_bytes` for the decompressed body.
    `allowed_hosts` are the tenant's patterns; where there are any, redirects keep to them, too.
    Raises OutboundError, whose message is for people.
    """
    first = check_url(url)
    address = _with_params(first, params) if params else first
    request = httpx2.Request(
        method,
        address,
        headers={**_DEFAULTS, **{name.lower(): value for name, value in (headers or {}).items()}},
        json=json,
        data=form,
        content=content,
    )
    try:
        return _follow(request, monotonic() + timeout, max_bytes, allowed_hosts)
    except OutboundError:
        raise
    except httpx2.TimeoutException as problem:
        raise OutboundError("timeout", f"No complete answer within {timeout:g} s.") from problem
    except httpx2.NetworkError as problem:
        raise OutboundError("unreachable", f"{first.host} can't be reached: {problem}") from problem
    except httpx2.HTTPError as problem:
        raise OutboundError("bad_answer", f"Not a proper HTTP answer: {problem}") from problem


def client(*, timeout: float = 60.0, total_seconds: float = 600.0) -> httpx2.Client:
    """A pooled client with the same guard, for an SDK: `OpenAI(http_client=client())`.

    `timeout` is for each wait (connect, next bytes), `total_seconds` for a whole answer. It follows
    no redirects: an SDK sends credentials, and model vendors don't redirect.
    """
    return httpx2.Client(
        transport=transport(total_seconds=total_seconds),
        timeout=timeout,
        trust_env=False,
        follow_redirects=False,
    )


class _Watched(httpx2.SyncByteStream):
    """An answer's body that asks, with every piece, whether to go on."""

    def __init__(self, stream: httpx2.SyncByteStream, check: Callable[[], None]) -> None:
        self._stream, self._check = stream, check

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._stream:
            self._check()
            yield piece

    def close(self) -> None:
        self._stream.close()


def watch(response: Any, check: Callable[[], None]) -> None:
    """For an SDK that reads an answer by itself: `check` may end the reading by raising."""
    response.stream = _Watched(response.stream, check)


def _with_params(url: httpx2.URL, params: Params) -> httpx2.URL:
    query = "&".join(filter(None, [url.query.decode("ascii"), urlencode(params)]))
    return url.copy_with(query=query.encode("ascii"))


def _follow(
    request: httpx2.Request, ends: float, max_bytes: int, allowed_hosts: Collection[str]
) -> Response:
    for redirects in range(MAX_REDIRECTS + 1):
        _require_allowed(request.url, allowed_hosts, redirects)
        response = _send(request, ends, max_bytes)
        location = response.headers.get("location")
        if response.status_code not in _REDIRECTS or location is None:
            return Response(
                status_code=response.status_code,
                headers={name.lower(): value for name, value in response.headers.items()},
                content=response.content,
                url=str(request.url),
                redirects=redirects,
            )
        request = _redirected(request, response.status_code, location)
    raise OutboundError("too_many_redirects", f"Redirected more than {MAX_REDIRECTS} times.")


def _require_allowed(url: httpx2.URL, allowed_hosts: Collection[str], redirects: int) -> None:
    if not is_allowed(url.raw_host.decode("ascii"), allowed_hosts):
        way = "It redirects to" if redirects else "It goes to"
        message = f"{way} {url.host}, which is not among the hosts that your organisation allows."
        raise OutboundError("host_not_allowed", message)


def _send(request: httpx2.Request, ends: float, max_bytes: int) -> httpx2.Response:
    left = ends - monotonic()
    request.extensions["timeout"] = dict.fromkeys(("connect", "read", "write", "pool"), left)
    # A connection of its own for each hop: nothing of one tenant's is left for the next.
    with transport(max_bytes=max_bytes, total_seconds=left, keep_alive=False) as way:
        response = way.handle_request(request)
        try:
            response.read()
        finally:
            response.close()
    return response


def _redirected(request: httpx2.Request, status: int, location: str) -> httpx2.Request:
    check_characters(location)
    try:
        url = check_url(str(request.url.join(location)))
    except httpx2.InvalidURL as problem:
        raise OutboundError("refused", "Redirected to something that isn't a URL.") from problem
    if request.url.scheme == "https" and url.scheme != "https":
        raise OutboundError("refused", "Redirected from https to http.")
    is_elsewhere = origin(url) != origin(request.url)
    keeps_body = status in (307, 308) and request.method not in ("GET", "HEAD")
    if keeps_body and is_elsewhere:
        # The body may hold what only the first server should read.
        raise OutboundError("refused", f"Redirected with its body to another host, {url.host}.")
    return _next_request(request, url, is_elsewhere=is_elsewhere, keeps_body=keeps_body)


def _next_request(
    request: httpx2.Request, url: httpx2.URL, *, is_elsewhere: bool, keeps_body: bool
) -> httpx2.Request:
    about_body = {"content-type", "content-length", "transfer-encoding"}
    headers = {
        name: value
        for name, value in request.headers.items()
        if (name in _HARMLESS or not is_elsewhere) and (keeps_body or name not in about_body)
    }
    if keeps_body:
        return httpx2.Request(request.method, url, headers=headers, content=request.content)
    method = request.method if request.method == "HEAD" else "GET"
    return httpx2.Request(method, url, headers=headers)
