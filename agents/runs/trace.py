"""A run's steps and tool calls in the order in which they happened, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agents.runs.models import AgentRun, RunStep, ToolExecution, UsageRecord
from personas.models import Persona
from tenants.access import Access
from tools.models import Tool

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

    @cached_property
    def usage(self) -> UsageRecord | None:
        return getattr(self.row, "usage", None)


def rows(run: AgentRun) -> list[Row]:
    """Two queries, whatever the run did. The caller was given the run by its Access."""
    steps = RunStep.unscoped.filter(run_id=run.pk).select_related("usage")
    calls = ToolExecution.unscoped.filter(run_id=run.pk)
    return sorted([*steps, *calls], key=lambda row: row.position)


def shown(access: Access, run: AgentRun) -> list[Shown]:
    """The trace as this person may read it.

    A persona or a tool that is not shared with the reader is not read in a trace either: what the
    model was told holds both, so it is left out, and so is what such a tool was asked and said.
    """
    found = rows(run)
    unseen = _unseen_tools(access, found)
    hides_prompts = bool(unseen) or _is_unseen(access, run)
    ends = [row.offset_ms + row.duration_ms for row in found]
    whole = max([run.duration_ms or 0, *ends, 1])
    return [_shown(row, whole, unseen, hides_prompts=hides_prompts) for row in found]


def _shown(row: Row, whole: int, unseen: set[Any], *, hides_prompts: bool) -> Shown:
    kind = "tool" if isinstance(row, ToolExecution) else str(row.kind)
    start = min(100 * row.offset_ms / whole, 100 - SHORTEST_BAR)
    length = max(SHORTEST_BAR, min(100 * row.duration_ms / whole, 100 - start))
    is_unseen_tool = isinstance(row, ToolExecution) and row.tool_id in unseen
    return Shown(
        row=row,
        kind=kind,
        start=round(start, 2),
        length=round(length, 2),
        hides_input=is_unseen_tool or (kind == "model" and hides_prompts),
        hides_output=is_unseen_tool,
    )


def _unseen_tools(access: Access, found: list[Row]) -> set[Any]:
    called = {row.tool_id for row in found if isinstance(row, ToolExecution) and row.tool_id}
    if not called:
        return set()
    return called - set(access.visible(Tool).filter(pk__in=called).values_list("pk", flat=True))


def _is_unseen(access: Access, run: AgentRun) -> bool:
    if run.persona_id is None:
        return False
    return not access.visible(Persona).filter(pk=run.persona_id).exists()
