"""One thread per process that says which of its runs are alive, and hears which are to stop.

It asks the database once a second for all of them together, every few seconds for each whether its
asker still may, and not at all while there are none.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from uuid import UUID

import structlog
from django.db import InterfaceError, OperationalError, connection
from django.db.models import BooleanField, ExpressionWrapper, Q
from django.db.models.functions import Now
from django.utils import timezone

from agents.runs.models import AgentRun
from agents.runs.models.run import HEARTBEAT
from agents.runs.stopping import Stop

log = structlog.get_logger(__name__)

TICK_SECONDS = 1.0
# How often it is asked whether who asked for a run still may: queries of their own for each run.
RIGHTS_SECONDS = 5.0

# Whether the API key that asked for a run was revoked or has expired.
_IS_KEY_OVER = ExpressionWrapper(
    Q(key__revoked_at__isnull=False) | Q(key__expires_at__lte=Now()), BooleanField()
)

Asked = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class _Watched:
    stop: Stop
    is_unwanted: Asked
    has_ended: Asked


def _never() -> bool:
    return False


_watched: dict[UUID, _Watched] = {}
_changed = threading.Condition()
_thread: threading.Thread | None = None


@contextmanager
def watched(
    run_id: UUID, stop: Stop, is_unwanted: Asked = _never, has_ended: Asked = _never
) -> Iterator[None]:
    """Keep the run's lease alive; `stop` is requested when somebody cancels or ends the run.

    `is_unwanted` is asked at every tick for one more reason to cancel, `has_ended` now and then
    whether who asked for the run may no longer.
    """
    watch(run_id, stop, is_unwanted, has_ended)
    try:
        yield
    finally:
        with _changed:
            _watched.pop(run_id, None)


def watch(run_id: UUID, stop: Stop, is_unwanted: Asked = _never, has_ended: Asked = _never) -> None:
    """Begin with what `watched` does, for a run that a block of `watched` will soon take over."""
    global _thread
    with _changed:
        _watched[run_id] = _Watched(stop, is_unwanted, has_ended)
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_beat, name="run-heartbeats", daemon=True)
            _thread.start()


def stop_here(run_id: UUID) -> None:
    """Cancel the run at once if this process does it; any other hears of it within a tick."""
    if here := _watched.get(run_id):
        here.stop.request("cancelled")


def _beat() -> None:
    """Until nothing is left to watch."""
    told_at = asked_at = monotonic()
    try:
        while _is_needed():
            is_due = monotonic() - told_at >= HEARTBEAT.total_seconds()
            asks = monotonic() - asked_at >= RIGHTS_SECONDS
            try:
                tick(tell=is_due, ask=asks)
            except (OperationalError, InterfaceError):
                log.warning("run.heartbeat_failed", exc_info=True)
                connection.close()
                continue
            told_at = monotonic() if is_due else told_at
            asked_at = monotonic() if asks else asked_at
    finally:
        connection.close()


def _is_needed() -> bool:
    """Wait for a tick; False, and no thread any more, once nothing is watched."""
    global _thread
    threading.Event().wait(TICK_SECONDS)
    with _changed:
        if not _watched:
            _thread = None
        return bool(_watched)


def tick(*, tell: bool, ask: bool = False) -> None:
    """Hear which of the runs are to stop; with `tell`, say that they are alive; with `ask`, ask
    whether who asked for them still may."""
    with _changed:
        here = dict(_watched)
    mine = AgentRun.unscoped.filter(pk__in=list(here))
    if tell:
        mine.filter(status=AgentRun.Status.RUNNING).update(heartbeat_at=timezone.now())
    told = mine.annotate(is_key_over=_IS_KEY_OVER)
    for run_id, status, wish, is_key_over in told.values_list(
        "pk", "status", "cancel_requested_at", "is_key_over"
    ):
        stop = here[run_id].stop
        if status != AgentRun.Status.RUNNING:
            stop.request("lost")
        elif wish or here[run_id].is_unwanted():
            stop.request("cancelled")
        elif is_key_over or (ask and here[run_id].has_ended()):
            stop.request("access_ended")
        elif stop.reason == "timed_out":
            stop.request("timed_out")  # wakes whoever waits on a network
