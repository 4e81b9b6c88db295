"""Taking jobs that wait: one statement each, so that an idle look costs one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.utils import timezone

from tenants.jobs.kinds import LEASE
from tenants.models import Job

_TAKE = """
WITH free AS MATERIALIZED ({free} FOR UPDATE OF waiting SKIP LOCKED)
UPDATE tenants_job AS job
SET status = 'running', attempt = attempt + 1, fence = fence + 1, done = 0, total = 0,
    started_at = coalesce(started_at, %(now)s), updated_at = %(now)s,
    lease_until = %(until)s, due_at = %(until)s
FROM free WHERE job.id = free.id
RETURNING job.*
"""
_ONE = _TAKE.format(
    free="""
    SELECT waiting.id FROM tenants_job AS waiting
    JOIN tenants_tenant AS tenant ON tenant.id = waiting.tenant_id AND tenant.archived_at IS NULL
    WHERE waiting.id = %(job)s AND waiting.status = 'queued'
    """,
)
# In the order of the index `job_waiting`, of which this reads what it takes.
_MORE = _TAKE.format(
    free="""
    SELECT waiting.id FROM tenants_job AS waiting
    WHERE tenant_id = %(tenant)s AND kind = %(kind)s AND status = 'queued'
        AND attempt = 0 AND (payload ->> 'bytes')::bigint <= %(largest)s
    ORDER BY due_at LIMIT %(most)s
    """,
)


def take(job_id: UUID) -> Job | None:
    """This job, running in a new attempt; None where it doesn't wait, somebody else takes it, or
    its tenant is archived."""
    return next(iter(_taken(_ONE, job=job_id)), None)


def take_more(like: Job, *, most: int, largest: int) -> list[Job]:
    """Up to `most` waiting jobs of the same kind and tenant, oldest first.

    Only such as say in their payload that they are of at most `largest` bytes, and that no worker
    has failed at before: what may have killed one is taken alone.
    """
    asked = {"tenant": like.tenant_id, "kind": like.kind, "most": most, "largest": largest}
    return sorted(_taken(_MORE, **asked), key=lambda job: job.pk)


def _taken(statement: str, **asked: Any) -> list[Job]:
    now = timezone.now()
    return list(Job.unscoped.raw(statement, {**asked, "now": now, "until": now + LEASE}))
