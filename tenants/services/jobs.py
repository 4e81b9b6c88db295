"""What people do with background work: stop it, try it again."""

from __future__ import annotations

from tenants import audit, jobs
from tenants.access import Access
from tenants.models import Job


@audit.atomic()
def cancel_job(access: Access, job: Job) -> Job:
    """Stop a job; one that has ended stays as it is. Safe to repeat."""
    if job.is_unfinished:
        jobs.cancel(job)
        audit.record(access, "job.cancelled", job)
        job.refresh_from_db()
    return job


@audit.atomic()
def retry_job(access: Access, job: Job) -> Job:
    """Queue a failed or cancelled job again; any other stays as it is. Safe to repeat.

    Raises NotRepeatable for work that is done once.
    """
    if jobs.restart(access, job):
        audit.record(access, "job.retried", job)
        job.refresh_from_db()
    return job
