"""Threads that are kept for the next call, and that never keep their process from ending.

The standard library's pool joins its threads at exit; a run may wait on a model for minutes.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from django.db import close_old_connections, connections

from tenants.frames import with_room

Call = Callable[[], None]


class Threads:
    """At most `most` threads; further calls wait for one. An idle thread ends after a while."""

    def __init__(self, name: str, *, most: int, idle_seconds: float = 60.0) -> None:
        self._name, self._most, self._idle_seconds = name, most, idle_seconds
        self._calls: deque[Call] = deque()
        self._changed = threading.Condition()
        self._count = self._idle = 0

    def submit(self, call: Call) -> None:
        """Have it called soon, in a thread whose database connection lives. It must not raise."""
        with self._changed:
            self._calls.append(call)
            if self._idle >= len(self._calls):
                self._changed.notify()
            elif self._count < self._most:
                self._count += 1
                threading.Thread(target=self._work, name=self._name, daemon=True).start()

    @with_room
    def _work(self) -> None:
        try:
            while call := self._next():
                close_old_connections()
                call()
                close_old_connections()
        finally:
            connections.close_all()

    def _next(self) -> Call | None:
        with self._changed:
            self._idle += 1
            has_call = self._changed.wait_for(lambda: bool(self._calls), self._idle_seconds)
            self._idle -= 1
            if has_call:
                return self._calls.popleft()
            self._count -= 1
            return None
