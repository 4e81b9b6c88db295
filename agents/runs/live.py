"""Watching a run: at once in the process that does it, by asking the database from any other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic, sleep
from uuid import UUID

from agents.runs import events
from agents.runs.events import Event
from agents.runs.models import AgentRun

KEEP_ALIVE_SECONDS = 15.0
POLL_SECONDS = 0.06
ASK_SECONDS = 1.0  # whether the run still goes on

_feeds: dict[UUID, Feed] = {}


class Feed:
    """The events so far of a run that this process does, for any number of watchers."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._changed = Condition()
        self._is_closed = False

    def publish(self, event: Event) -> None:
        with self._changed:
            self._events.append(event)
            self._changed.notify_all()

    def close(self) -> None:
        with self._changed:
            self._is_closed = True
            self._changed.notify_all()

    def after(self, number: int, patience: float) -> list[Event] | None:
        """The events above a number, waiting for the first of them; None once there are no more."""
        with self._changed:
            self._changed.wait_for(
                lambda: len(self._events) > number or self._is_closed, timeout=patience
            )
            # The engine numbers without gaps, so a number is a place in the list.
            found = self._events[number:]
            return None if self._is_closed and not found else found


@contextmanager
def feeding(run_id: UUID) -> Iterator[Feed]:
    """Make a run watchable in this process while the block does it."""
    feed = announce(run_id)
    try:
        yield feed
    finally:
        feed.close()
        _feeds.pop(run_id, None)


def announce(run_id: UUID) -> Feed:
    """The run's feed, made where it isn't there yet: watchers may come before the first event."""
    return _feeds.setdefault(run_id, Feed())


def watch(run_id: UUID, after: int = 0, patience: float | None = None) -> Iterator[Event | None]:
    """The events above a number as they happen, until the run's last; None when there was nothing
    to tell for so many seconds."""
    patience = KEEP_ALIVE_SECONDS if patience is None else patience
    feed = _feeds.get(run_id)
    if feed is not None:
        while (found := feed.after(after, patience)) is not None:
            yield from found
            if not found:
                yield None
            elif found[-1].is_ending:
                return
            else:
                after = found[-1].number
    yield from _polled(run_id, after, patience)


def _polled(run_id: UUID, after: int, patience: float) -> Iterator[Event | None]:
    told_at = asked_at = monotonic()
    is_unfinished = _is_unfinished(run_id)
    while True:
        for event in events.kept(run_id, after):
            yield event
            if event.is_ending:
                return
            after, told_at = event.number, monotonic()
        # Asked for before the events were: what had ended by then had all of its events there.
        if not is_unfinished:
            return
        if monotonic() - told_at >= patience:
            yield None
            told_at = monotonic()
        sleep(POLL_SECONDS)
        if monotonic() - asked_at >= ASK_SECONDS:
            is_unfinished, asked_at = _is_unfinished(run_id), monotonic()


def _is_unfinished(run_id: UUID) -> bool:
    return AgentRun.unscoped.unfinished().filter(pk=run_id).exists()


def told(run_id: UUID) -> list[Event]:
    """The events so far, from wherever they are known."""
    feed = _feeds.get(run_id)
    return feed.after(0, 0.0) or [] if feed is not None else list(events.kept(run_id))


def has_more(run: AgentRun, after: int) -> bool:
    """Whether there is, or will be, an event above this number."""
    # A run that this process does may have ended in memory before its events are kept.
    if run.is_unfinished or run.pk in _feeds:
        return True
    return any(True for _ in events.kept(run.pk, after))
