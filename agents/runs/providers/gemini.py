"""Google's Gemini through the official SDK, which sends, signs, reads and names the failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import chain, islice
from typing import Any

from google import genai
from google.genai import errors
from pydantic import ValidationError

from agents.runs.providers import failures, streaming
from agents.runs.providers import gemini_wire as wire
from agents.runs.providers.port import (
    Garbled,
    ModelRequest,
    ProviderError,
    Refused,
    Reply,
    Silent,
    Unauthorised,
    Unavailable,
)
from agents.runs.stopping import Stop
from tenants import outbound

MOST_MODELS = 1000


@dataclass(frozen=True, slots=True)
class GeminiProvider:
    """One account. `reveal` gives the API key at the moment of use; it is kept nowhere."""

    base_url: str
    reveal: Callable[[], str] | None = None

    def stream(self, request: ModelRequest, stop: Stop) -> Iterator[str | Reply]:
        """See the port."""
        key = self.reveal() if self.reveal else "none"
        answer = wire.Answer()
        wire.check_model(request.model)
        watch = _Watch(stop)
        try:
            chunks = self._opened(request, key, streaming.timeout_within(stop.remaining))
            with stop.waking(watch.hang_up):
                for chunk in watch.over(chunks):
                    stop.check()
                    if piece := answer.take(chunk):
                        yield piece
                yield answer.reply()
        except (errors.APIError, outbound.HttpError, ValueError, ProviderError) as error:
            stop.check()  # a connection that was hung up fails, but that's not what happened
            found = _named(error, key, has_begun=answer.has_begun)
            raise failures.failure_of(found, has_begun=answer.has_begun) from error

    def _opened(self, request: ModelRequest, key: str, timeout: float) -> Iterator[Any]:
        config: Any = {**wire.config(request), "http_options": _options(key, timeout)}
        return _client(self.base_url).models.generate_content_stream(
            model=request.model, contents=wire.contents(request.messages), config=config
        )

    def models(self, timeout: float) -> list[str]:
        """See the port."""
        key = self.reveal() if self.reveal else "none"
        try:
            listed = _client(self.base_url).models.list(
                config={"page_size": MOST_MODELS, "http_options": _options(key, timeout)}
            )
            return [
                wire.model_name(model)
                for model in islice(listed, MOST_MODELS)
                if "generateContent" in (model.supported_actions or ["generateContent"])
            ]
        except (errors.APIError, outbound.HttpError, ValueError) as error:
            raise _named(error, key) from error


@lru_cache(maxsize=64)
def _client(base_url: str) -> genai.Client:
    # The key comes with each request. Retrying is the engine's: the SDK tries once unless told.
    options: Any = {
        "base_url": base_url.rstrip("/").removesuffix("/v1beta"),
        "api_version": "v1beta",
        "httpx_client": _http(),
    }
    return genai.Client(api_key="none", vertexai=False, http_options=options)


def _options(key: str, timeout: float) -> Any:
    return {"headers": {"x-goog-api-key": key}, "timeout": max(1, int(timeout * 1000))}


# ── Hanging up ───────────────────────────────────────────────────────────────────────────────
# The SDK keeps the response to itself, so the HTTP client tells of it when it arrives.


@dataclass(slots=True)
class _Watch:
    stop: Stop
    response: Any = field(default=None)

    def over(self, chunks: Iterator[Any]) -> Iterator[Any]:
        """The chunks; the request leaves with the first, in this thread."""
        token = _watching.set(self)
        try:
            first = list(islice(chunks, 1))
        finally:
            _watching.reset(token)
        yield from chain(first, chunks)

    def hang_up(self) -> None:
        if self.response is not None:
            streaming.hang_up(self.response)


_watching: ContextVar[_Watch | None] = ContextVar("watching", default=None)


def _arrived(response: Any) -> None:
    if watch := _watching.get():
        watch.response = response
        watch.stop.check()  # it may have been requested before there was anything to hang up
        outbound.watch(response, watch.stop.check)


@cache
def _http() -> Any:
    client = streaming.new_http()
    client.event_hooks = {"response": [_arrived]}
    return client


# ── Failing ──────────────────────────────────────────────────────────────────────────────────


def _named(error: Exception, key: str, *, has_begun: bool = False) -> ProviderError:
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, errors.APIError):
        return _of_status(error, key)
    if isinstance(error, outbound.HttpTimeout) and has_begun:
        return Silent("The provider stopped sending in the middle of its answer.")
    if isinstance(error, outbound.HttpError):
        return failures.of_broken(error) if has_begun else failures.of_network(error)
    if isinstance(error, ValidationError) and not has_begun:
        return Refused("The provider's SDK does not take this request.")
    return Garbled("The provider sent something that is no answer.")


def _of_status(error: errors.APIError, key: str) -> ProviderError:
    code: object = error.code  # of an error in the midst of a stream, what that says
    status = code if isinstance(code, int) else 0
    if wire.says_bad_key(error.details):
        return Unauthorised(f"The provider does not accept the API key ({status}).")
    headers: Mapping[str, str] = getattr(error.response, "headers", {})
    if not status:
        return Unavailable("The provider broke off.")
    found = failures.of_status(status, error.message, headers, key)
    if found.retry_after is None:
        found.retry_after = wire.retry_delay(error.details)
    return found
