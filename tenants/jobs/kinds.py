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


class NotRepeatable(Exception):
    """Jobs of this kind are done once; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of work: its queue, what happens to its subject when it ends without success, the
    model that it is about, what whoever asks must be allowed to do with that, and why it can't be
    tried again by hand, where it can't."""

    name: str
    queue: str
    on_failure: Callable[[Job], None] | None
    subject: str = ""
    action: str = ""
    once: str = ""


KINDS: dict[str, Kind] = {}


def why_once(job: Job) -> str:
    """Why people can't try this job again and what to do instead; empty where they can."""
    kind = KINDS.get(job.kind)
    return kind.once if kind else ""
