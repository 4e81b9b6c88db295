"""One call of a model: streaming, trying again, booking."""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from typing import Any

from agents.runs.engine.ledger import Ledger
from agents.runs.engine.task import Task
from agents.runs.events import Event
from agents.runs.models import RunStep
from agents.runs.providers.openai_wire import message_body
from agents.runs.providers.port import ModelRequest, ProviderError, Reply, Tokens, TooMuch
from agents.runs.routes import Route
from agents.runs.stopping import Stopped
from agents.runs.storable import storable

MOST_ATTEMPTS = 3
FIRST_PAUSE = 0.25  # seconds, doubled with each attempt
LONGEST_PAUSE = 20.0
LONGEST_ANSWER = 1_000_000  # characters; no limit of tokens comes near it


def note_untried(ledger: Ledger, model: str, trouble: ProviderError) -> None:
    """A step for a route that could not even be asked."""
    ledger.step(
        RunStep.Kind.MODEL,
        model,
        ledger.elapsed_ms(),
        attempts=0,
        input={"model": model, "messages": []},
        output={"text": "", "tool_calls": [], "finish": "", "is_complete": False, "troubles": []},
        error=str(trouble),
        error_code=trouble.code,
    )


@dataclass(slots=True)
class ModelCall:
    """Drain `events()`; afterwards `text()`, `reply` and `step` are what came of it."""

    task: Task
    ledger: Ledger
    route: Route
    request: ModelRequest
    most_attempts: int = MOST_ATTEMPTS
    reply: Reply = field(default_factory=lambda: Reply("stop"))
    step: RunStep = field(init=False)
    _since_ms: int = field(init=False)
    _pieces: list[str] = field(default_factory=list)
    _length: int = 0
    _troubles: list[ProviderError] = field(default_factory=list)

    def events(self) -> Generator[Event, None, None]:
        """Raises ProviderError after the last attempt, and Stopped; either way it is booked."""
        self._since_ms = self.ledger.elapsed_ms()
        try:
            while True:
                try:
                    yield from self._attempt()
                    break
                except ProviderError as trouble:
                    self._troubles.append(trouble)
                    self._pause_or_raise(trouble)
        except ProviderError as trouble:
            self._note(str(trouble), trouble.code, is_billed=trouble.has_begun)
            raise
        except Stopped as stopped:
            self._note("The call was stopped.", stopped.reason, is_billed=bool(self._pieces))
            raise
        self._note()

    def _attempt(self) -> Generator[Event, None, None]:
        for item in self.route.provider.stream(self.request, self.task.stop):
            if isinstance(item, Reply):
                self.reply = item
                continue
            self.ledger.note_first_token()
            piece = storable(item)
            self._pieces.append(piece)
            yield self.ledger.event("message.delta", text=piece)
            self.ledger.flush_if_due()
            self._length += len(piece)
            if self._length > LONGEST_ANSWER:
                raise TooMuch("The provider sends far more than it was asked for.", has_begun=True)

    def text(self) -> str:
        """What the model has said, complete or not."""
        return "".join(self._pieces)

    def _pause_or_raise(self, trouble: ProviderError) -> None:
        """Wait before the next attempt, or raise where there will be none."""
        if (
            not trouble.is_retryable
            or trouble.has_begun
            or len(self._troubles) >= self.most_attempts
        ):
            raise trouble
        # Full jitter, so that many runs that failed together don't come back together.
        longest = FIRST_PAUSE * 2.0 ** len(self._troubles)
        pause = random.uniform(longest / 2, longest)  # noqa: S311  # nosec B311
        pause = max(pause, trouble.retry_after or 0.0)
        if pause > min(LONGEST_PAUSE, self.task.stop.remaining):
            raise trouble
        self.task.stop.pause(pause)

    def _note(self, error: str = "", code: str = "", *, is_billed: bool = True) -> None:
        calls = [_told_call(call) for call in self.reply.tool_calls]
        if error:
            self.task.run.partial = self.text()
        self.step = self.ledger.step(
            RunStep.Kind.MODEL,
            self.route.model,
            self._since_ms,
            attempts=max(1, len(self._troubles) + (not error)),
            input=self._told_request(),
            output={
                "text": self.text(),
                "tool_calls": calls,
                "finish": "" if error else self.reply.finish,
                "is_complete": not error,
                "troubles": [str(trouble) for trouble in self._troubles],
            },
            error=error,
            error_code=code,
        )
        if is_billed:
            tokens = self.reply.tokens or self._estimated()
            self.ledger.usage(self.step, self.route, tokens)

    def _told_request(self) -> dict[str, Any]:
        request = self.request
        told: dict[str, Any] = {
            "model": request.model,
            "messages": [message_body(message) for message in request.messages],
            "max_output_tokens": request.max_output_tokens,
            "temperature": request.temperature,
        }
        if request.tools:
            told["tools"] = [tool.name for tool in request.tools]
        return told

    def _estimated(self) -> Tokens:
        """What the provider will bill about, where it did not get to say so."""
        sent = sum(len(message.content) for message in self.request.messages)
        said = self._length + sum(len(call.arguments) for call in self.reply.tool_calls)
        return Tokens(input=(sent + 3) // 4, output=(said + 3) // 4, is_estimated=True)


def _told_call(call: Any) -> dict[str, str]:
    return {"id": call.id, "name": call.name, "arguments": call.arguments}
