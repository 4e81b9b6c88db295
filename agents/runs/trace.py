"""A run's steps and tool calls in the order in which they happened, and how they are shown."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Exists, OuterRef, Q, Value

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


def shown(access: Access, run: AgentRun) -> list[Shown]:
    """The trace as this person may read it, in two queries whatever the run did.

    A persona or a tool that is not shared with the reader is not read in a trace either: what the
    model was told holds both, so it is left out, and so is what such a tool was asked and said.
    """
    found = _rows(access, run)
    hides_prompts = any(not row.is_open for row in found)  # type: ignore[union-attr]  # annotated
    ends = [row.offset_ms + row.duration_ms for row in found]
    whole = max([run.duration_ms or 0, *ends, 1])
    return [_shown(row, whole, hides_prompts=hides_prompts) for row in found]


def _rows(access: Access, run: AgentRun) -> list[Row]:
    """Each with `is_open`: whether the reader may see the run's persona, or the tool."""
    is_open: Exists | Value = Value(True)
    if run.persona_id is not None:
        is_open = Exists(access.visible(Persona).filter(pk=run.persona_id))
    tool = access.visible(Tool).filter(pk=OuterRef("tool"))
    steps = access.visible(RunStep).filter(run=run).select_related("usage")
    calls = access.visible(ToolExecution).filter(run=run)
    found: list[Row] = [
        *steps.annotate(is_open=is_open),
        *calls.annotate(is_open=Q(tool=None) | Exists(tool)),
    ]
    return sorted(found, key=lambda row: row.position)


def _shown(row: Row, whole: int, *, hides_prompts: bool) -> Shown:
    kind = "tool" if isinstance(row, ToolExecution) else str(row.kind)
    start = min(100 * row.offset_ms / whole, 100 - SHORTEST_BAR)
    length = max(SHORTEST_BAR, min(100 * row.duration_ms / whole, 100 - start))
    is_closed_tool = kind == "tool" and not row.is_open  # type: ignore[union-attr]  # annotated
    return Shown(
        row=row,
        kind=kind,
        start=round(start, 2),
        length=round(length, 2),
        hides_input=is_closed_tool or (kind == "model" and hides_prompts),
        hides_output=is_closed_tool,
    )
