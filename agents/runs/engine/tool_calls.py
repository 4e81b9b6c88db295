"""One call of a tool that the model asked for: checked, made, written down."""

from __future__ import annotations

import json
from collections.abc import Generator, Mapping, Sequence
from typing import Any

from agents.runs.citations import Passages
from agents.runs.engine.ledger import Ledger
from agents.runs.engine.task import Task, require_rights
from agents.runs.events import Event
from agents.runs.models import RunStep
from agents.runs.providers.port import Message, ToolCall
from tools.execution import ToolContext, ToolResult
from tools.snapshots import ToolSnapshot

LONGEST_SHOWN = 2_000
LONGEST_ARGUMENTS = 64 * 1024


class ToolCalls:
    """The tool calls of one run: what is left of its limit, and what they may use."""

    def __init__(self, task: Task, ledger: Ledger, passages: Passages) -> None:
        self._task, self._ledger, self._passages = task, ledger, passages
        self._access = task.access
        self._tools = {tool.slug: tool for tool in task.spec.tools}
        self.left = task.spec.limits.max_tool_calls

    def make(self, call: ToolCall, step: RunStep) -> Generator[Event, None, Message]:
        """Call the tool; the result, or what is wrong, as a message to the model."""
        self._task.stop.check()
        self._access = require_rights(self._task)
        arguments, problem = _arguments(call)
        tool = self._tools.get(call.name)
        shown = {"call_id": call.id, "tool": call.name[:120]}
        # What came before is kept first, for a tool may take long and this process may die.
        started = self._ledger.event("tool.started", **shown, arguments=arguments)
        self._ledger.flush()
        yield started
        since_ms = self._ledger.elapsed_ms()
        result = self._result(tool, call, arguments, problem)
        self._ledger.tool_call(step, since_ms, **_facts(call, tool, arguments, result))
        finished = self._ledger.event(
            "tool.finished",
            **shown,
            ok=result.ok,
            output=result.output_text[:LONGEST_SHOWN],
            error=result.error,
            took_ms=self._ledger.elapsed_ms() - since_ms,
        )
        self._ledger.flush()
        yield finished
        return Message("tool", result.text_for_model, tool_call_id=call.id)

    def _result(
        self, tool: ToolSnapshot | None, call: ToolCall, arguments: Any, problem: str
    ) -> ToolResult:
        if tool is None:
            return _failed("unknown_tool", f"There is no tool named {call.name[:120]!r}.")
        if self.left <= 0:
            return _failed("tool_call_limit", "This run may not call any more tools.")
        if problem:
            return _failed("bad_arguments", problem)
        self.left -= 1
        patience = max(1, min(tool.timeout_seconds, int(self._task.stop.remaining)))
        return self._task.ports.execute(
            self._access,
            tool.model_copy(update={"timeout_seconds": patience}),
            arguments,
            context=ToolContext(search=self._search),
        )

    def _search(self, query: str, limit: int) -> Sequence[Mapping[str, Any]]:
        found = self._task.ports.retrieve(
            self._access, query, source_ids=self._task.spec.source_ids, limit=limit
        )
        self._ledger.draw_on(passage.source_id for passage in found.passages)
        return [
            {
                "n": passage.number,
                "document": passage.document,
                "page": passage.page,
                "heading": passage.heading,
                "text": passage.text,
            }
            for passage in self._passages.add(found.passages)
        ]


def _arguments(call: ToolCall) -> tuple[Any, str]:
    """The arguments as JSON and "", or as text and what is wrong with them."""
    written = call.arguments or "{}"
    try:
        if len(written) <= LONGEST_ARGUMENTS:
            return json.loads(written, parse_constant=_no_constant), ""
    except (ValueError, RecursionError):
        pass
    return {"text": written[:LONGEST_SHOWN]}, "The arguments are no valid JSON, or too long."


def _no_constant(name: str) -> Any:
    raise ValueError(f"JSON has no {name}.")


def _failed(code: str, error: str) -> ToolResult:
    return ToolResult(ok=False, error=error, error_code=code)


def _facts(
    call: ToolCall, tool: ToolSnapshot | None, arguments: Any, result: ToolResult
) -> dict[str, Any]:
    return {
        "tool_id": tool.tool_id if tool else None,
        "call_id": call.id[:120],
        "name": call.name[:120],
        "arguments": arguments,
        "is_ok": result.ok,
        "output": result.output_text,
        "error": result.error,
        "status_code": result.status_code,
    }
