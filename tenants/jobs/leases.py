"""Taking a job, holding it, doing its work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from uuid import UUID

import structlog
from celery import shared_task
from django.db import InterfaceError, OperationalError, connection, models, transaction
from django.http import Http404
from django.utils import timezone

from tenants.access import Access
from tenants.jobs.ending import end, end_early, give_back, retry_or_fail
from tenants.jobs.kinds import KINDS, LEASE, JobCancelled, JobFailed, Kind, LeaseLost
from tenants.models import Job, Tenant
from tenants.rules import JOB_SUBJECTS

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 5.0
PROGRESS_SECONDS = 0.25

Work = Callable[["Lease"], None]

_held: set[Lease] = set()


def job_kind(
    name: str,
    *,
    queue: str,
    subject: str = "",
    on_failure: Callable[[Job], None] | None = None,
) -> Callable[[Work], Work]:
    """Name a function as the work of jobs of this kind.

    `subject` is the label of the model that such jobs are about ("knowledge.document"): who sees
    the row may see its jobs. `on_failure` runs in the transaction that fails or cancels the job.
    """

    def register(work: Work) -> Work:
        KINDS[name] = Kind(name, queue, on_failure, subject)
        if subject:
            JOB_SUBJECTS.add(subject.lower())

        @shared_task(name=name, ignore_result=True)
        def run(job_id: str) -> None:
            perform(UUID(job_id), work)

        return work

    return register


class Lease:
    """A worker's hold on one attempt at a job."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._lost = threading.Event()
        self._told_at = 0.0
        self.is_finished = False

    @property
    def payload(self) -> dict[str, str]:
        """What was asked, as ids."""
        return dict(self.job.payload)

    def access(self) -> Access:
        """Who asked for it, with the rights of now. Raises JobFailed where these ended."""
        try:
            return Access.for_member(self.job.created_by_id, self.job.tenant_id)
        except Http404 as error:
            if Tenant.objects.filter(pk=self.job.tenant_id, archived_at__isnull=False).exists():
                give_back(self.job)
                raise LeaseLost(self.job.pk) from error
            cause = "The person who asked for this is no longer a member."
            raise JobFailed(cause, code="member_gone") from error

    def _mine(self) -> models.QuerySet[Job]:
        return Job.unscoped.filter(pk=self.job.pk, fence=self.job.fence, status=Job.Status.RUNNING)

    def check(self) -> None:
        """Raise JobCancelled or LeaseLost where the work has to stop."""
        wish = self._mine().values_list("is_cancel_requested", flat=True).first()
        if wish is None or self._lost.is_set():
            raise LeaseLost(self.job.pk)
        if wish:
            raise JobCancelled(self.job.pk)

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
            yield
            end(job, Job.Status.DONE)
        self.is_finished = True

    def renew(self) -> bool:
        """Hold on for another lease; False where it is lost."""
        held = self._mine().update(lease_until=timezone.now() + LEASE) == 1
        if not held:
            self.lose()
        return held

    def lose(self) -> None:
        """Have the work stop where it next asks."""
        self._lost.set()


def perform(job_id: UUID, work: Work) -> None:
    """Take the job if it is free, do its work, and leave it in a state that is true."""
    job = _take(job_id)
    if job is None:
        return
    lease = Lease(job)
    try:
        with _heartbeat(lease):
            work(lease)
            if not lease.is_finished:
                with lease.finishing():
                    pass
    except JobFailed as failure:
        end_early(job, Job.Status.FAILED, failure.cause, failure.code)
    except JobCancelled:
        end_early(job, Job.Status.CANCELLED, "Cancelled.", "cancelled")
    except SystemExit:
        # The worker is told to stop. Whatever the connection was busy with, begin with another.
        connection.close()
        give_back(job)
        raise
    except LeaseLost:
        log.warning("job.lease_lost", job=str(job.pk), attempt=job.attempt)
    except Exception:
        # The boundary of all background work: whatever it was, the job's row must say so.
        log.exception("job.crashed", job=str(job.pk), kind=job.kind, attempt=job.attempt)
        retry_or_fail(job, "Something unexpected happened; the log has the details.")


def give_back_held() -> None:
    """Give back what this process works on, for another worker; it can't finish it any more."""
    for lease in list(_held):
        lease.lose()
        give_back(lease.job)


def _take(job_id: UUID) -> Job | None:
    now = timezone.now()
    with transaction.atomic():
        job = (
            Job.unscoped.select_for_update(skip_locked=True, of=("self",))
            .select_related("tenant")
            .filter(pk=job_id, status=Job.Status.QUEUED, tenant__archived_at=None)
            .first()
        )
        if job is None:
            return None
        job.status = Job.Status.RUNNING
        job.attempt, job.fence = job.attempt + 1, job.fence + 1
        job.started_at = job.started_at or now
        job.lease_until = job.due_at = now + LEASE
        job.done = job.total = 0
        job.save()
    return job


@contextmanager
def _heartbeat(lease: Lease) -> Iterator[None]:
    """Keep the lease alive from a thread, whatever the work is busy with."""
    stop = threading.Event()

    def beat() -> None:
        try:
            while not stop.wait(HEARTBEAT_SECONDS):
                try:
                    if not lease.renew():
                        return
                except (OperationalError, InterfaceError) as error:
                    # The database may be back at the next beat, before the lease runs out.
                    log.warning("job.heartbeat_missed", job=str(lease.job.pk), error=str(error))
                    connection.close()
        finally:
            connection.close()

    thread = threading.Thread(target=beat, name="job-heartbeat", daemon=True)
    thread.start()
    _held.add(lease)
    try:
        yield
    finally:
        _held.discard(lease)
        stop.set()
        thread.join()
