"""Asking for work, for an end of it, or for another try."""

from __future__ import annotations

from uuid import UUID

import structlog
from celery import current_app
from django.db import transaction
from django.db.models import Model
from django.utils import timezone
from kombu.exceptions import OperationalError

from tenants.access import Access
from tenants.jobs.ending import end_early
from tenants.jobs.kinds import KINDS, REMIND_AFTER, Kind, NotRepeatable, why_once
from tenants.models import Job

log = structlog.get_logger(__name__)


def enqueue(
    access: Access,
    kind: str,
    *,
    title: str,
    subject: Model | None = None,
    payload: dict[str, str] | None = None,
) -> Job:
    """Write the job in the caller's transaction; its worker is woken when that commits."""
    job = Job(
        kind=kind,
        title=title[:300],
        payload=payload or {},
        subject_type=subject._meta.label_lower if subject else "",
        subject_id=subject.pk if subject else None,
        created_by=access.user,
        key=access.key,
        due_at=timezone.now() + REMIND_AFTER,
    )
    access.add(job)
    wake(job)
    return job


def wake(job: Job) -> None:
    """Announce a job once the transaction commits."""
    kind = KINDS[job.kind]
    transaction.on_commit(lambda: _announce(kind, job.pk))


def _announce(kind: Kind, job_id: UUID) -> None:
    try:
        current_app.send_task(kind.name, args=[str(job_id)], queue=kind.queue, retry=False)
    except (OperationalError, OSError) as error:
        # The row is there; the reconciler announces it again. Nobody waits for the broker.
        log.warning("job.announce_failed", job=str(job_id), error=str(error))


def cancel(job: Job) -> None:
    """Ask a running job to stop, or end a waiting one at once."""
    with transaction.atomic():
        row = Job.unscoped.select_for_update(of=("self",)).select_related("tenant").get(pk=job.pk)
        if row.status == Job.Status.RUNNING:
            Job.unscoped.filter(pk=row.pk).update(is_cancel_requested=True)
        elif row.status == Job.Status.QUEUED:
            end_early(row, Job.Status.CANCELLED, "Cancelled.", "cancelled")


def restart(access: Access, job: Job) -> bool:
    """Queue a job again that failed or was cancelled, to be done in this principal's name; False
    where it is in another state.

    Raises NotRepeatable for work that is done once.
    """
    if why := why_once(job):
        raise NotRepeatable(why)
    with transaction.atomic():
        again = Job.unscoped.filter(
            pk=job.pk, status__in=[Job.Status.FAILED, Job.Status.CANCELLED]
        ).update(
            status=Job.Status.QUEUED,
            cause="",
            cause_code="",
            done=0,
            total=0,
            is_cancel_requested=False,
            finished_at=None,
            started_at=None,
            attempt=0,
            retried_by=access.user,
            key=access.key,
            due_at=timezone.now() + REMIND_AFTER,
        )
        if again:
            wake(job)
    return bool(again)
