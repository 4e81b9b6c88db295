"""A run's steps and tool calls in the order in which they happened, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agents.runs.disclosure import disclosure
from agents.runs.models import AgentRun, RunStep, ToolExecution, UsageRecord
from tenants.access import Access

Row = RunStep | ToolExecution

ICONS = {"retrieval": "search", "model": "model", "tool": "tools"}
SHORTEST_BAR = 0.8  # per cent


@dataclass(frozen=True)
class Shown:
    """A step as the trace draws it; `start` and `length` are per cent of the run's time."""

    row: Row
    kind: str
    start: float
    length: float
    hides_input: bool
    hides_output: bool

    @property
    def icon(self) -> str:
        return ICONS[self.kind]

    @property
    def is_failed(self) -> bool:
        return bool(self.row.error)

    @property
    def input(self) -> Any:
        return self.row.arguments if isinstance(self.row, ToolExecution) else self.row.input

    @property
    def output(self) -> Any:
        """A model's output names the arguments of the tools that it asks for."""
        said = self.row.output
        if self.kind == "model" and self.hides_input and isinstance(said, dict):
            return {name: value for name, value in said.items() if name != "tool_calls"}
        return said

    @property
    def error(self) -> str:
        return "It failed." if self.row.error and self.hides_output else self.row.error

    @cached_property
    def usage(self) -> UsageRecord | None:
        return getattr(self.row, "usage", None)


def shown(access: Access, run: AgentRun) -> list[Shown]:
    """The trace as this person may read it, in a few queries whatever the run did.

    A persona or a tool that is not shared with the reader is not read in a trace either: what the
    model was told and said holds both, so it is left out, and so is what such a tool was asked
    and said.
    """
    closed = disclosure(access, run)
    found = _rows(access, run)
    hides_prompts = closed.hides_persona or any(
        isinstance(row, ToolExecution) and closed.is_closed(row.name) for row in found
    )
    ends = [row.offset_ms + row.duration_ms for row in found]
    whole = max([run.duration_ms or 0, *ends, 1])
    return [
        _shown(row, whole, hides_prompts=hides_prompts, is_closed=closed.is_closed(row.name))
        for row in found
    ]


def _rows(access: Access, run: AgentRun) -> list[Row]:
    steps = access.visible(RunStep).filter(run=run).select_related("usage")
    calls = access.visible(ToolExecution).filter(run=run)
    found: list[Row] = [*steps, *calls]
    return sorted(found, key=lambda row: row.position)


def _shown(row: Row, whole: int, *, hides_prompts: bool, is_closed: bool) -> Shown:
    kind = "tool" if isinstance(row, ToolExecution) else str(row.kind)
    start = min(100 * row.offset_ms / whole, 100 - SHORTEST_BAR)
    length = max(SHORTEST_BAR, min(100 * row.duration_ms / whole, 100 - start))
    is_closed_tool = kind == "tool" and is_closed
    return Shown(
        row=row,
        kind=kind,
        start=round(start, 2),
        length=round(length, 2),
        hides_input=is_closed_tool or (kind == "model" and hides_prompts),
        hides_output=is_closed_tool,
    )
