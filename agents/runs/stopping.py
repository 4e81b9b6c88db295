"""How a run that waits on a network is told to stop: by its deadline, or from another thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Literal

Reason = Literal["cancelled", "timed_out", "lost", "access_ended"]


class Stopped(Exception):
    """The run was told to stop; `reason` says why."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason)
        self.reason: Reason = reason


class Stop:
    """Shared by a run's engine and by those who may end it."""

    def __init__(self, timeout_seconds: float) -> None:
        self.deadline = monotonic() + timeout_seconds
        self._reason: Reason | None = None
        self._wake: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._requested = threading.Event()

    def request(self, reason: Reason) -> None:
        """End the run as soon as it notices; the first reason stays."""
        with self._lock:
            self._reason = self._reason or reason
            self._requested.set()
            if self._wake is not None:
                self._wake()

    @property
    def remaining(self) -> float:
        """Seconds until the deadline, never negative."""
        return max(0.0, self.deadline - monotonic())

    @property
    def reason(self) -> Reason | None:
        """Why the run has to stop, or None while it may go on."""
        if self._reason is None and monotonic() >= self.deadline:
            return "timed_out"
        return self._reason

    def check(self) -> None:
        """Raise Stopped where the run has to stop."""
        if reason := self.reason:
            raise Stopped(reason)

    def pause(self, seconds: float) -> None:
        """Sleep, but wake and raise Stopped when the run has to stop."""
        self._requested.wait(min(seconds, self.remaining))
        self.check()

    @contextmanager
    def waking(self, wake: Callable[[], None]) -> Iterator[None]:
        """While this thread waits on a network, `wake` is what makes it return."""
        with self._lock:
            self._wake = wake
        try:
            self.check()
            yield
        finally:
            with self._lock:
                self._wake = None
