"""OpenAI's chat completions, which many servers speak, through the official SDK.

The SDK sends the requests, signs them and names the failures. Its typed resources and its event
reader are passed over: they cost a millisecond an answer, and the reader closes the connection at
`[DONE]`, where reading to the end lets the next call use it again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import openai
from openai._utils._json import openapi_dumps

from agents.runs.providers import failures, streaming
from agents.runs.providers import openai_wire as wire
from agents.runs.providers.port import Garbled, ModelRequest, ProviderError, Refused, Reply
from agents.runs.stopping import Stop
from tenants import outbound

OFFICIAL = "https://api.openai.com/"
CHAT = "/chat/completions"
_OF_ONE_CALL = {b"authorization", b"content-length", b"x-stainless-read-timeout"}


class _Events(openai.Stream[object]):
    """An answer; its events are read by `streaming`."""


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
            with self._opened(request, stop, key) as opened:
                yield from streaming.pieces(opened.response, answer, stop)
        except (openai.OpenAIError, outbound.HttpError, ProviderError) as error:
            stop.check()  # a connection that was hung up fails, but that's not what happened
            raise failures.failure_of(_named(error, key), has_begun=answer.has_begun) from error

    def models(self, timeout: float) -> list[str]:
        """See the port."""
        key = self.reveal() if self.reveal else "none"
        try:
            listed = _client(self.base_url).get(
                "/models",
                cast_to=object,
                options={"headers": _signed(key), "timeout": timeout},
            )
        except (openai.OpenAIError, outbound.HttpError) as error:
            raise _named(error, key) from error
        return wire.model_names(listed)

    def _opened(self, request: ModelRequest, stop: Stop, key: str) -> _Events:
        is_official = self.base_url.startswith(OFFICIAL)
        return _client(self.base_url).post(
            CHAT,
            cast_to=object,
            body=wire.body(request, is_official=is_official),
            options={
                "headers": _signed(key),
                "timeout": streaming.timeout_within(stop.remaining),
            },
            stream=True,
            stream_cls=_Events,
        )


def _signed(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


class _Client(openai.OpenAI):
    """The SDK's, which works out once what is the same for every call: address and most headers."""

    _known: tuple[Any, Any, list[tuple[bytes, bytes]]] | None = None

    def _build_request(self, options: Any, *, retries_taken: int = 0) -> Any:
        if options.url != CHAT:
            return super()._build_request(options, retries_taken=retries_taken)
        if self._known is None:
            first: Any = super()._build_request(options, retries_taken=retries_taken)
            same = [pair for pair in first.headers.raw if pair[0].lower() not in _OF_ONE_CALL]
            self._known = (type(first), first.url, same)
            return first
        request, url, same = self._known
        own = [(name.encode(), value.encode()) for name, value in options.headers.items()]
        waits = dict.fromkeys(("connect", "read", "write", "pool"), options.timeout)
        return request(
            "POST",
            url,
            headers=[*same, *own],
            content=openapi_dumps(options.json_data),
            extensions={"timeout": waits},
        )


@lru_cache(maxsize=64)
def _client(base_url: str) -> openai.OpenAI:
    # Retrying is the engine's; keys come with each request.
    return _Client(base_url=base_url, api_key="none", http_client=streaming.http(), max_retries=0)


def _named(error: Exception, key: str) -> ProviderError:
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, openai.APIStatusError):
        if error.code == "insufficient_quota":
            return Refused("The account at the provider has no credit left (429).")
        told = error.body.get("message") if isinstance(error.body, dict) else None
        return failures.of_status(error.status_code, told, error.response.headers, key)
    if isinstance(error, openai.APIConnectionError):
        return failures.of_network(error.__cause__)
    if isinstance(error, openai.OpenAIError):
        return Garbled("The provider sent something that is no answer.")
    return failures.of_broken(error)
