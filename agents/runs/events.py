"""What a run tells those who watch it, and how that is kept: pieces of text share a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Literal
from uuid import UUID

from agents.runs.models import AgentRun, RunEvent

Type = Literal[
    "run.started",
    "retrieval",
    "message.delta",
    "tool.started",
    "tool.finished",
    "message.completed",
    "run.completed",
    "run.failed",
    "run.cancelled",
]
ENDINGS = frozenset({"run.completed", "run.failed", "run.cancelled"})

# An engine keeps its events before there are so many. An ending that is written by somebody else
# leaves as many numbers free, so that it follows whatever the engine had told but not kept.
MOST_UNKEPT = 1000


@dataclass(frozen=True, slots=True)
class Event:
    """Numbered from 1 in its run; a watcher who has number n lacks exactly those above."""

    number: int
    type: Type
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def is_ending(self) -> bool:
        return self.type in ENDINGS


def rows(run: AgentRun, events: Iterable[Event]) -> Iterator[RunEvent]:
    """The rows that keep these events, unsaved."""
    for kind, group in groupby(events, key=lambda event: event.type):
        if kind == "message.delta":
            yield _row(run, list(group))
        else:
            yield from (_row(run, [event]) for event in group)


def _row(run: AgentRun, events: list[Event]) -> RunEvent:
    first, last = events[0], events[-1]
    payload = first.data
    if first.type == "message.delta":
        payload = {"pieces": [event.data["text"] for event in events]}
    return RunEvent(
        tenant_id=run.tenant_id,
        run_id=run.pk,
        first=first.number,
        number=last.number,
        type=first.type,
        payload=payload,
    )


def kept(run_id: UUID, after: int = 0) -> Iterator[Event]:
    """The kept events above a number, in order."""
    found = RunEvent.unscoped.filter(run_id=run_id, number__gt=after).order_by("number")
    for row in found.only("first", "number", "type", "payload"):
        yield from _events(row, after)


def texts(told: Iterable[Event]) -> list[str]:
    """What the model has said between its calls of tools, each a text of its own."""
    found = [""]
    for event in told:
        if event.type == "message.delta":
            found[-1] += event.data["text"]
        elif event.type == "message.completed":
            found.append("")
    return [text for text in found if text]


def _events(row: RunEvent, after: int) -> Iterator[Event]:
    if "pieces" not in row.payload:
        yield Event(row.number, row.type, row.payload)  # type: ignore[arg-type]  # as it was kept
        return
    for number, text in enumerate(row.payload["pieces"], row.first):
        if number > after:
            yield Event(number, "message.delta", {"text": text})
