"""Holding a job: for how long, whether still, and up to its end."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Self

import structlog
from django.db import InterfaceError, OperationalError, connection, models, transaction
from django.utils import timezone

from tenants.access import Access
from tenants.jobs import authority
from tenants.jobs.ending import end, give_back
from tenants.jobs.kinds import LEASE, JobCancelled, JobFailed, LeaseLost
from tenants.models import Job

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 5.0
PROGRESS_SECONDS = 0.25

_held: set[Lease] = set()


class Lease:
    """A worker's hold on one attempt at a job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._lost = threading.Event()
        self._told_at = 0.0
        self.refusal: JobFailed | LeaseLost | None = None
        self.is_finished = False

    @property
    def payload(self) -> dict[str, str]:
        """What was asked, as ids."""
        return dict(self.job.payload)

    def access(self) -> Access:
        """Who asked for it, with the rights of now. Raises as `authority.access_of`."""
        return authority.access_of(self.job)

    def require_authority(self) -> None:
        """Raise JobFailed or LeaseLost where whoever asked may not have it done any more."""
        if refusal := authority.refusals([self.job]).get(self.job.pk):
            raise refusal

    def _mine(self) -> models.QuerySet[Job]:
        return Job.unscoped.filter(pk=self.job.pk, fence=self.job.fence, status=Job.Status.RUNNING)

    def check(self) -> None:
        """Raise JobCancelled, LeaseLost, or JobFailed where whoever asked for the work lost the
        right to it, as a heartbeat found: then it has to stop."""
        wish = self._mine().values_list("is_cancel_requested", flat=True).first()
        if wish is None or self._lost.is_set():
            raise LeaseLost(self.job.pk)
        if wish:
            raise JobCancelled(self.job.pk)
        if self.refusal:
            raise self.refusal

    def progress(self, done: int, total: int, unit: str) -> None:
        """Say how far the work is; costs nothing when called often. Raises as `check`."""
        now = time.monotonic()
        if now - self._told_at < PROGRESS_SECONDS and done < total:
            return
        self._told_at = now
        self.check()
        self._mine().update(done=done, total=total, unit=unit)

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """One transaction for the results and the end of the job. Raises as `check`.

        The job's row is locked first, so a cancellation or another attempt comes before or after
        the results, never between.
        """
        with transaction.atomic():
            job = self._mine().select_for_update().first()
            if job is None:
                raise LeaseLost(self.job.pk)
            if job.is_cancel_requested:
                raise JobCancelled(self.job.pk)
            if self.refusal:
                raise self.refusal
            yield
            end(job, Job.Status.DONE)
        self.is_finished = True

    def renew(self) -> bool:
        """Hold on for another lease; False where it is lost."""
        held = self._mine().update(lease_until=timezone.now() + LEASE) == 1
        if not held:
            self.lose()
        return held

    @property
    def is_lost(self) -> bool:
        """Whether a heartbeat found it lost."""
        return self._lost.is_set()

    def lose(self) -> None:
        """Have the work stop where it next asks."""
        self._lost.set()


class Heart:
    """Keeps leases alive from a thread, whatever their work is busy with."""

    def __init__(self) -> None:
        self._leases: list[Lease] = []
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._beat, name="job-heartbeat", daemon=True)

    def hold(self, leases: Iterable[Lease]) -> None:
        """Beat for these, too."""
        self._leases += leases
        _held.update(self._leases)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        _held.difference_update(self._leases)
        self._stop.set()
        self._thread.join()

    def _beat(self) -> None:
        try:
            while not self._stop.wait(HEARTBEAT_SECONDS):
                self._renew_all()
        finally:
            connection.close()

    def _renew_all(self) -> None:
        for lease in list(self._leases):
            with _missed_at_worst(lease.job):
                if not lease.is_lost:
                    lease.renew()
        going_on = [
            lease
            for lease in self._leases
            if authority.is_watched(lease.job) and not (lease.is_lost or lease.is_finished)
        ]
        if going_on:
            with _missed_at_worst(going_on[0].job):
                _look_at_rights(going_on)


def _look_at_rights(leases: Sequence[Lease]) -> None:
    refused = authority.refusals([lease.job for lease in leases])
    for lease in leases:
        lease.refusal = lease.refusal or refused.get(lease.job.pk)


@contextmanager
def _missed_at_worst(job: Job) -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        # The database may be back at the next beat, before the lease runs out.
        log.warning("job.heartbeat_missed", job=str(job.pk), error=str(error))
        connection.close()


def give_back_held() -> None:
    """Give back what this process works on, for another worker; it can't finish it any more."""
    for lease in list(_held):
        lease.lose()
        give_back(lease.job)
