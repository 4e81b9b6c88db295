"""What becomes of a job by what its work raises."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import structlog
from django.db import connection

from tenants.jobs.ending import end_early, give_back, retry_or_fail
from tenants.jobs.kinds import JobCancelled, JobFailed, LeaseLost
from tenants.jobs.leases import Lease
from tenants.models import Job

log = structlog.get_logger(__name__)

UNEXPECTED = "Something unexpected happened; the log has the details."


@contextmanager
def told_truly(lease: Lease) -> Iterator[None]:
    """Leave the job in a state that is true, whatever the work inside raises."""
    job = lease.job
    try:
        yield
    except JobFailed as failure:
        end_early(job, Job.Status.FAILED, failure.cause, failure.code)
    except JobCancelled:
        end_early(job, Job.Status.CANCELLED, "Cancelled.", "cancelled")
    except LeaseLost:
        log.warning("job.lease_lost", job=str(job.pk), attempt=job.attempt)
    except Exception:
        # The boundary of all background work: whatever it was, the job's row must say so.
        log.exception("job.crashed", job=str(job.pk), kind=job.kind, attempt=job.attempt)
        retry_or_fail(job, UNEXPECTED)


@contextmanager
def given_back_when_told_to_stop(leases: Sequence[Lease]) -> Iterator[None]:
    """Let another worker do what this one can't finish any more."""
    try:
        yield
    except SystemExit:
        # Whatever the connection was busy with, begin with another.
        connection.close()
        for lease in leases:
            give_back(lease.job)
        raise
