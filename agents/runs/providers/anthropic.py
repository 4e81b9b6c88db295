"""Anthropic's Messages through the official SDK, which sends, signs and names the failures."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import anthropic

from agents.runs.providers import anthropic_wire as wire
from agents.runs.providers import failures, streaming
from agents.runs.providers.port import Garbled, ModelRequest, ProviderError, Reply
from agents.runs.stopping import Stop
from tenants import outbound


class _Events(anthropic.Stream[object]):
    """An answer; its events are read by `streaming`."""


@dataclass(frozen=True, slots=True)
class AnthropicProvider:
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
        except (anthropic.AnthropicError, outbound.HttpError, ProviderError) as error:
            stop.check()  # a connection that was hung up fails, but that's not what happened
            raise failures.failure_of(_named(error, key), has_begun=answer.has_begun) from error

    def models(self, timeout: float) -> list[str]:
        """See the port."""
        key = self.reveal() if self.reveal else "none"
        try:
            listed = self._client(key).get(
                "/v1/models",
                cast_to=object,
                options={"params": {"limit": 1000}, "timeout": timeout},
            )
        except (anthropic.AnthropicError, outbound.HttpError) as error:
            raise _named(error, key) from error
        return wire.model_names(listed)

    def _opened(self, request: ModelRequest, stop: Stop, key: str) -> _Events:
        return self._client(key).post(
            "/v1/messages",
            cast_to=object,
            body=wire.body(request),
            options={"timeout": streaming.timeout_within(stop.remaining)},
            stream=True,
            stream_cls=_Events,
        )

    def _client(self, key: str) -> anthropic.Anthropic:
        # Made for each call (50 µs), so that the SDK signs and no key outlives its use. Retrying
        # is the engine's.
        return anthropic.Anthropic(
            api_key=key,
            base_url=self.base_url.rstrip("/").removesuffix("/v1"),
            http_client=streaming.http(),
            max_retries=0,
        )


def _named(error: Exception, key: str) -> ProviderError:
    if isinstance(error, ProviderError):
        return error
    if isinstance(error, anthropic.APIStatusError):
        return failures.of_status(error.status_code, error.api_message, error.response.headers, key)
    if isinstance(error, anthropic.APIConnectionError):
        return failures.of_network(error.__cause__)
    if isinstance(error, anthropic.AnthropicError):
        return Garbled("The provider sent something that is no answer.")
    return failures.of_broken(error)
