"""The port to model providers: what the engine asks of one, what it may answer, how it may fail."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal, Protocol

from agents.runs.stopping import Stop

Role = Literal["system", "user", "assistant", "tool"]
Finish = Literal["stop", "tools", "length", "filtered"]


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that the model wants called; `arguments` is JSON as it wrote it, perhaps broken."""

    id: str
    name: str
    arguments: str

    @property
    def given(self) -> dict[str, Any]:
        """The arguments as an object; what the model wrote and is none becomes an empty one."""
        try:
            found = json.loads(self.arguments or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}


@dataclass(frozen=True, slots=True)
class Message:
    """One entry of the conversation that the model gets.

    `carried` is what the reply that this message repeats asked to have carried back, and `route`
    tells which of the agent's routes that reply came by.
    """

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    carried: str = ""
    route: int = 0


@dataclass(frozen=True, slots=True)
class ToolOffer:
    """A tool that the model may ask for; `parameters` is a JSON schema."""

    name: str
    description: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class NumberedPassage:
    """A passage of knowledge under the number by which an answer cites it.

    `closeness` is how near it is to the question in meaning, as a cosine.
    """

    number: int
    document: str
    page: int | None
    heading: str
    text: str
    closeness: float = 0.0


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One call. `question` and `passages` repeat what the messages hold, for a provider that is no
    language model and can't read them there."""

    model: str
    messages: tuple[Message, ...]
    tools: tuple[ToolOffer, ...] = ()
    may_call: bool = True  # without it the tools are shown, but the model has to answer
    max_output_tokens: int = 1024
    temperature: float | None = None
    question: str = ""
    passages: tuple[NumberedPassage, ...] = ()


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a call used; `is_estimated` where the provider did not say.

    `cached_input` is a part of `input`, however the vendor counts.
    """

    input: int
    output: int
    cached_input: int = 0
    is_estimated: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The end of a complete answer: always the last thing that a stream yields.

    `carried` is the vendor's own (signed thoughts), which it wants to see again with the calls.
    """

    finish: Finish
    tool_calls: tuple[ToolCall, ...] = ()
    tokens: Tokens | None = None
    carried: str = ""


class Provider(Protocol):
    """One account at one vendor."""

    def stream(self, request: ModelRequest, stop: Stop) -> Iterator[str | Reply]:
        """Yield pieces of text and, last, one Reply. Raises ProviderError or Stopped.

        A stream that ends without a Reply does not happen: it is CutOff.
        """

    def models(self, timeout: float) -> list[str]:
        """The names of the models that this account may ask. Raises ProviderError."""


class ProviderError(Exception):
    """The provider did not answer completely. `str()` is a sentence for people."""

    code: ClassVar[str] = "provider_error"
    is_retryable: ClassVar[bool] = False

    def __init__(
        self, cause: str, *, has_begun: bool = False, retry_after: float | None = None
    ) -> None:
        super().__init__(cause)
        self.has_begun = has_begun  # something of the answer had arrived
        self.retry_after = retry_after  # seconds that the provider asks to wait


class RateLimited(ProviderError):
    code = "provider_rate_limited"
    is_retryable = True


class Unavailable(ProviderError):
    code = "provider_unavailable"
    is_retryable = True


class Unreachable(ProviderError):
    code = "provider_unreachable"
    is_retryable = True


class Silent(ProviderError):
    code = "provider_silent"
    is_retryable = True


class Garbled(ProviderError):
    code = "provider_garbled"
    is_retryable = True


class CutOff(ProviderError):
    code = "provider_cut_off"
    is_retryable = True


class TooMuch(ProviderError):
    code = "provider_too_much"


class Refused(ProviderError):
    """The provider will not take this request however often it is sent."""

    code = "provider_refused"


class NotThere(Refused):
    """The provider has no such model, or no such address."""


class Unauthorised(Refused):
    code = "provider_unauthorised"


class Misconfigured(ProviderError):
    """The provider is gone, or its key can't be opened."""

    code = "provider_misconfigured"
