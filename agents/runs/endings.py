"""Ending a run from outside its engine: it never began, or its process is gone."""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from agents.runs import events
from agents.runs.engine import answering
from agents.runs.engine.ledger import ending_data
from agents.runs.events import Event, Type
from agents.runs.models import AgentRun, RunEvent, UsageRecord

log = structlog.get_logger(__name__)

_Status = AgentRun.Status
_KINDS: dict[str, Type] = {_Status.CANCELLED: "run.cancelled"}

STOPPED = answering.STOPPED
INTERRUPTED = "The process that did this run has stopped. Start it again."


def end_from_outside(
    run_id: UUID, status: str, cause: str, code: str, *, while_in: Collection[str]
) -> bool:
    """Write the run's end and its last event, if it still is in one of these states."""
    with transaction.atomic():
        run = AgentRun.unscoped.select_for_update().filter(pk=run_id, status__in=while_in).first()
        if run is None:
            return False
        run.status, run.cause, run.cause_code = status, cause, code
        run.finished_at = timezone.now()
        run.duration_ms = _duration_ms(run)
        run.partial = "".join(events.texts(events.kept(run.pk))[-1:])
        _count(run)
        run.save()
        event = Event(_number(run), _KINDS.get(status, "run.failed"), ending_data(run))
        RunEvent.unscoped.bulk_create(events.rows(run, [event]))
    return True


def _duration_ms(run: AgentRun) -> int | None:
    if run.started_at is None or run.finished_at is None:
        return None
    return round((run.finished_at - run.started_at).total_seconds() * 1000)


def _count(run: AgentRun) -> None:
    """Add up what the engine had kept before it was gone."""
    used = UsageRecord.unscoped.filter(run_id=run.pk)
    booked = list(used.values_list("input_tokens", "output_tokens", "cost", "currency"))
    costs = [row[2] for row in booked if row[2] is not None]
    currencies = {row[3] for row in booked if row[2]}
    run.step_count, run.tool_call_count = run.steps.count(), run.tool_calls.count()
    run.input_tokens = sum(row[0] for row in booked)
    run.output_tokens = sum(row[1] for row in booked)
    is_known = len(costs) == len(booked) and len(currencies) <= 1
    run.cost = sum(costs, Decimal(0)) if is_known else None
    run.currency = currencies.pop() if currencies else run.currency


def _number(run: AgentRun) -> int:
    last = RunEvent.unscoped.filter(run_id=run.pk).aggregate(last=Max("number"))["last"] or 0
    # Room for what a vanished engine may have told its watchers without keeping it.
    return int(last) + (events.MOST_UNKEPT if run.started_at else 1)


def end_interrupted_runs() -> int:
    """End the runs whose process has not been heard of for a lease; how many there were."""
    gone = list(AgentRun.unscoped.abandoned().values_list("pk", flat=True)[:1000])
    ended = 0
    for run_id in gone:
        log.warning("run.interrupted", run=str(run_id))
        ended += end_from_outside(
            run_id, _Status.INTERRUPTED, INTERRUPTED, "interrupted", while_in=[_Status.RUNNING]
        )
    return ended
