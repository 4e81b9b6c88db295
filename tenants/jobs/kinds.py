"""The kinds of work there are, and the ways in which work ends early."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from tenants.models import Job

LEASE = timedelta(seconds=25)
MAX_ATTEMPTS = 5
# A job that waits longer than this for its worker is announced again.
REMIND_AFTER = timedelta(seconds=15)


class JobFailed(Exception):
    """The work can't be done, for a cause that a person understands. It is not tried again."""

    def __init__(self, cause: str, *, code: str) -> None:
        super().__init__(cause)
        self.cause, self.code = cause, code


class JobCancelled(Exception):
    """Somebody cancelled the job; the work stops where it asks."""


class LeaseLost(Exception):
    """Another attempt took over; this one must not write anything any more."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: its queue, what happens to its subject when it ends without success, and
    the model that it is about."""

    name: str
    queue: str
    on_failure: Callable[[Job], None] | None
    subject: str = ""


KINDS: dict[str, Kind] = {}
