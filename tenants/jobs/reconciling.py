"""Making up for what was lost: dead workers, vanished messages."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction
from django.utils import timezone

from tenants.jobs.asking import wake
from tenants.jobs.ending import end_early, pause_archived
from tenants.jobs.kinds import KINDS, MAX_ATTEMPTS, REMIND_AFTER
from tenants.models import Job

log = structlog.get_logger(__name__)

STOPPED_TOO_OFTEN = "The worker stopped five times while doing this."


def reconcile(now: datetime | None = None) -> int:
    """Take back jobs whose worker is gone and announce those that wait; the number announced."""
    now = now or timezone.now()
    pause_archived()
    with transaction.atomic():
        gone = list(
            Job.unscoped.select_for_update(skip_locked=True, of=("self",))
            .select_related("tenant")
            .filter(status=Job.Status.RUNNING, lease_until__lt=now)
        )
        for job in gone:
            _take_back(job, now)
        waiting = list(
            Job.unscoped.select_for_update(skip_locked=True, of=("self",)).filter(
                status=Job.Status.QUEUED, due_at__lte=now, tenant__archived_at=None
            )
        )
        Job.unscoped.filter(pk__in=[job.pk for job in waiting]).update(due_at=now + REMIND_AFTER)
        for job in waiting:
            if job.kind in KINDS:
                wake(job)
    return len(waiting)


def _take_back(job: Job, now: datetime) -> None:
    log.warning("job.worker_gone", job=str(job.pk), attempt=job.attempt)
    if job.is_cancel_requested:
        end_early(job, Job.Status.CANCELLED, "Cancelled.", "cancelled")
    elif job.attempt >= MAX_ATTEMPTS:
        end_early(job, Job.Status.FAILED, STOPPED_TOO_OFTEN, "gave_up")
    else:
        Job.unscoped.filter(pk=job.pk).update(
            status=Job.Status.QUEUED, lease_until=None, due_at=now, updated_at=now
        )
