"""A run's book: numbers its events, times its steps, and writes both down in short transactions."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone

from agents.runs import events, prices, writing
from agents.runs.events import Event, Type
from agents.runs.models import AgentRun, RunEvent, RunStep, ToolExecution, UsageRecord
from agents.runs.providers.port import Tokens
from agents.runs.routes import Route
from agents.runs.storable import storable

# Pieces of an answer are kept this often: who watches in this process gets them at once anyway, who
# watches from another one reads them from the database.
FLUSH_SECONDS = 0.12


class RunLost(Exception):
    """Somebody else has ended the run; nothing more may be written to it."""


class Ledger:
    def __init__(self, run: AgentRun) -> None:
        self.run = run
        self._began = self._flushed = monotonic()
        self._number = self._position = 0
        self._waiting: dict[type[models.Model], list[Any]] = {}
        self._events: list[Event] = []
        self._cost: Decimal | None = Decimal(0)

    # ── Noting ────────────────────────────────────────────────────────────────────────────────

    def event(self, kind: Type, **data: Any) -> Event:
        """The next event, which the caller passes on."""
        self._number += 1
        event = Event(self._number, kind, storable(data))
        self._events.append(event)
        return event

    def elapsed_ms(self) -> int:
        return round((monotonic() - self._began) * 1000)

    def note_first_token(self) -> None:
        if self.run.first_token_ms is None:
            self.run.first_token_ms = self.elapsed_ms()

    def draw_on(self, source_ids: Iterable[UUID]) -> None:
        """Note whose passages the run holds from now on; kept with the next flush."""
        self.run.source_ids = sorted({*self.run.source_ids, *source_ids})

    def step(self, kind: str, name: str, since_ms: int, **facts: Any) -> RunStep:
        """A step that began at `since_ms` and is over now."""
        row = RunStep(kind=kind, name=name[:120], **self._place(since_ms), **storable(facts))
        self.run.step_count += 1
        self._add(row)
        return row

    def tool_call(self, step: RunStep, since_ms: int, **facts: Any) -> None:
        """A call of a tool that `step` asked for."""
        self.run.tool_call_count += 1
        self._add(ToolExecution(step=step, **self._place(since_ms), **storable(facts)))

    def usage(self, step: RunStep, route: Route, tokens: Tokens) -> UsageRecord:
        """Book what a model call used, once for its step."""
        booking = prices.book(route.kind, route.base_url, route.model, tokens, route.price)
        row = UsageRecord(
            tenant_id=self.run.tenant_id,
            run_id=self.run.pk,
            step=step,
            agent_id=self.run.agent_id,
            provider_id=route.provider_id,
            provider_kind=route.kind,
            model=route.model[:120],
            input_tokens=tokens.input,
            cached_input_tokens=tokens.cached_input,
            output_tokens=tokens.output,
            is_estimated=tokens.is_estimated,
            price=booking.price,
            price_source=booking.source[:200],
            cost=booking.cost,
            currency=booking.currency,
        )
        self._add(row)
        self.run.input_tokens += tokens.input
        self.run.output_tokens += tokens.output
        self._add_cost(booking)
        return row

    def _add_cost(self, booking: prices.Booking) -> None:
        """One call without a known price makes the sum unknown, and so do two currencies."""
        is_other = bool(self._cost) and booking.currency != self.run.currency
        if self._cost is None or booking.cost is None or (booking.cost and is_other):
            self._cost = None
        elif booking.cost:
            self._cost += booking.cost
            self.run.currency = booking.currency

    def _place(self, since_ms: int) -> dict[str, Any]:
        self._position += 1
        return {
            "tenant_id": self.run.tenant_id,
            "run_id": self.run.pk,
            "position": self._position,
            "offset_ms": since_ms,
            "duration_ms": max(0, self.elapsed_ms() - since_ms),
        }

    def _add(self, row: models.Model) -> None:
        self._waiting.setdefault(type(row), []).append(row)

    # ── Writing ───────────────────────────────────────────────────────────────────────────────

    def flush_if_due(self) -> None:
        """Keep what was noted, if that is some time or many events ago."""
        is_old = monotonic() - self._flushed >= FLUSH_SECONDS
        if is_old or len(self._events) >= events.MOST_UNKEPT // 2:
            self.flush()

    def flush(self) -> None:
        """Keep what was noted. Raises RunLost."""
        self._write({})

    def end(self, kind: Type, status: str, cause: str = "", code: str = "") -> Event:
        """Keep everything and the run's final state together. Raises RunLost."""
        run = self.run
        run.status, run.cause, run.cause_code = status, storable(cause), code
        run.duration_ms, run.finished_at = self.elapsed_ms(), timezone.now()
        run.cost = self._cost
        event = self.event(kind, **ending_data(run))
        self._write({name: getattr(run, name) for name in _WRITTEN_AT_THE_END})
        return event

    def _write(self, changes: dict[str, Any]) -> None:
        now = timezone.now()
        always = {"heartbeat_at": now, "updated_at": now, "source_ids": self.run.source_ids}
        told = list(events.rows(self.run, self._events))
        rows: writing.Rows = {**self._waiting, RunEvent: told}
        if not writing.write(self.run.pk, {**always, **changes}, rows):
            raise RunLost(self.run.pk)
        self._waiting.clear()
        self._events.clear()
        self._flushed = monotonic()


_WRITTEN_AT_THE_END = (
    "model",
    "status",
    "cause",
    "cause_code",
    "output",
    "partial",
    "citations",
    "step_count",
    "tool_call_count",
    "input_tokens",
    "output_tokens",
    "cost",
    "currency",
    "first_token_ms",
    "duration_ms",
    "finished_at",
)


def ending_data(run: AgentRun) -> dict[str, Any]:
    """What the last event of a run says."""
    told: dict[str, Any] = {
        "run_id": str(run.pk),
        "status": str(run.status),
        "steps": run.step_count,
        "usage": {
            "input_tokens": run.input_tokens,
            "output_tokens": run.output_tokens,
            "cost": prices.told(run.cost, run.currency),
        },
        "timing": {"first_token_ms": run.first_token_ms, "duration_ms": run.duration_ms},
    }
    return {**told, "code": run.cause_code, "cause": run.cause} if run.cause_code else told
