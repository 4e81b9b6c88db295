"""Doing a run: in this thread, or in one of this process's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from uuid import UUID

import structlog
from django.db import DatabaseError

from agents.runs import endings, engine, heartbeats, live, rights
from agents.runs.engine import Task
from agents.runs.models import AgentRun
from agents.runs.threads import Threads

log = structlog.get_logger(__name__)

# As many streams as a process serves at once, and then some: each thread mostly waits.
MOST_THREADS = 64
CRASHED = "Something unexpected happened in Roster; its log has the details."

_threads = Threads("run", most=MOST_THREADS)


def perform(task: Task, *, is_unwanted: Callable[[], bool] = lambda: False) -> None:
    """Do the run to its end, whatever that is, and tell whoever watches."""
    run_id, has_ended = task.run.pk, partial(_has_ended, task)
    watched = heartbeats.watched(run_id, task.stop, is_unwanted, has_ended)
    with live.feeding(run_id) as feed, watched:
        try:
            for event in engine.events(task):
                feed.publish(event)
        except Exception:
            # The boundary of all runs: whatever it was, the run's row must say so.
            log.exception("run.crashed", run=str(run_id))
            _give_up(run_id)


def perform_in_background(task: Task) -> None:
    """Do the run in a thread of this process; it can be watched from now on."""
    live.announce(task.run.pk)
    # It is alive also while all threads are busy and it waits for one.
    heartbeats.watch(task.run.pk, task.stop)
    _threads.submit(lambda: perform(task))


def _has_ended(task: Task) -> bool:
    """Whether who asked for the run may no longer run its agent."""
    try:
        rights.to_run(task.access, task.run)
    except rights.RightsEnded:
        return True
    return False


def _give_up(run_id: UUID) -> None:
    running = [AgentRun.Status.RUNNING]
    try:
        endings.end_from_outside(
            run_id, AgentRun.Status.FAILED, CRASHED, "internal_error", while_in=running
        )
    except DatabaseError:
        # Then nothing can be written now; the reconciler will.
        log.exception("run.not_ended", run=str(run_id))
