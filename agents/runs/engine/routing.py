"""From one route to the next: where a provider can't answer, another one is asked.

Only before the first token: what was shown is never taken back. A route that has another behind it
is asked once, the last one up to three times. The route that answered stays for the rest of the
run. Each one that failed is a step of its own, with its cause.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from agents.runs.engine.ledger import Ledger
from agents.runs.engine.model_calls import MOST_ATTEMPTS, ModelCall, note_untried
from agents.runs.engine.task import Task
from agents.runs.events import Event
from agents.runs.providers.port import Message, ModelRequest, ProviderError
from agents.runs.routes import Route


class Routing:
    """The routes of a run's agent, and which of them is asked now."""

    def __init__(self, task: Task, ledger: Ledger) -> None:
        self._task, self._ledger = task, ledger
        self._at = 0
        self._found: dict[int, Route] = {}

    def ask(self, request: ModelRequest) -> Generator[Event, None, ModelCall]:
        """The call that was answered. Raises ProviderError where the last route fails, or one in
        the middle of its answer, and Stopped."""
        while True:
            call = None
            try:
                call = self._call(request)
                yield from call.events()
            except ProviderError as trouble:
                self._move_on(trouble, call)
            else:
                self._task.run.model = call.route.model
                return call

    def repeated(self, call: ModelCall) -> Message:
        """What the model said, as it is told again with the results of its tools."""
        return Message(
            "assistant",
            call.text(),
            call.reply.tool_calls,
            carried=call.reply.carried,
            route=self._at,
        )

    def _call(self, request: ModelRequest) -> ModelCall:
        spec = self._task.spec.routes[self._at]
        if self._at not in self._found:
            self._found[self._at] = self._task.ports.route_for(self._task.run.tenant_id, spec)
        route = self._found[self._at]
        # A vendor's signed thoughts are for the model that thought them.
        messages = tuple(
            message if message.route == self._at else replace(message, carried="")
            for message in request.messages
        )
        request = replace(request, model=route.model, messages=messages)
        attempts = MOST_ATTEMPTS if self._is_last else 1
        return ModelCall(self._task, self._ledger, route, request, attempts)

    @property
    def _is_last(self) -> bool:
        return self._at == len(self._task.spec.routes) - 1

    def _move_on(self, trouble: ProviderError, call: ModelCall | None) -> None:
        """To the next route, or raise where there is none or something was told already."""
        if self._is_last or trouble.has_begun or (call is not None and call.text()):
            raise trouble
        if call is None:
            model = self._task.spec.routes[self._at].model
            note_untried(self._ledger, model, trouble)
        self._at += 1
        self._task.stop.check()
