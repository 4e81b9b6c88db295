"""How a job ends, and what then becomes of its subject."""

from __future__ import annotations

from datetime import timedelta

from django.db import models, transaction
from django.utils import timezone

from tenants.jobs.kinds import KINDS, MAX_ATTEMPTS
from tenants.models import Job

_ENDING = ("status", "cause", "cause_code", "lease_until", "finished_at", "done", "updated_at")


def end(job: Job, status: str, cause: str = "", code: str = "") -> None:
    """Write the job's final state; the caller holds its row."""
    job.status, job.cause, job.cause_code = status, cause, code
    job.lease_until, job.finished_at = None, timezone.now()
    if status == Job.Status.DONE and job.total:
        job.done = job.total
    job.save(update_fields=_ENDING)


def end_early(job: Job, status: str, cause: str, code: str) -> None:
    """Fail or cancel the job together with its subject, unless another attempt took over."""
    with transaction.atomic():
        mine = (
            Job.unscoped.select_for_update(of=("self",))
            .select_related("tenant")
            .filter(pk=job.pk, fence=job.fence, status__in=Job.UNFINISHED)
            .first()
        )
        if mine is None:
            return
        end(mine, status, cause, code)
        kind = KINDS.get(mine.kind)
        if kind and kind.on_failure:
            kind.on_failure(mine)


def retry_or_fail(job: Job, cause: str) -> None:
    """Queue the job for another attempt, later each time; fail it after the last."""
    if job.attempt >= MAX_ATTEMPTS:
        end_early(job, Job.Status.FAILED, cause, "gave_up")
        return
    # 2, 4, 8, 16 seconds: the reconciler wakes it when it is due.
    pause = timedelta(seconds=2**job.attempt)
    Job.unscoped.filter(pk=job.pk, fence=job.fence, status=Job.Status.RUNNING).update(
        status=Job.Status.QUEUED, lease_until=None, due_at=timezone.now() + pause
    )


def give_back(job: Job) -> None:
    """The worker stops: let another do the job at once, as if this attempt had not been."""
    Job.unscoped.filter(
        pk=job.pk, fence=job.fence, status=Job.Status.RUNNING, is_cancel_requested=False
    ).update(
        status=Job.Status.QUEUED,
        attempt=models.F("attempt") - 1,
        lease_until=None,
        due_at=timezone.now(),
    )


def pause_archived() -> None:
    """Give back what is being done for archived tenants: it waits until they are brought back."""
    Job.unscoped.filter(
        status=Job.Status.RUNNING, tenant__archived_at__isnull=False, is_cancel_requested=False
    ).update(
        status=Job.Status.QUEUED,
        attempt=models.F("attempt") - 1,
        lease_until=None,
        due_at=timezone.now(),
    )
