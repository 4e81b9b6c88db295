"""The API of background work."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from django.db.models import QuerySet
from ninja import Query, Schema

from tenants import services
from tenants.api import ApiRequest, Problems, Router
from tenants.jobs import NotRepeatable
from tenants.models import Job
from tenants.problems import Problem
from tenants.schemas import JobOut, ProblemOut

router = Router(tags=["jobs"])


class JobFilters(Schema):
    """Which jobs to list."""

    status: Literal["queued", "running", "done", "failed", "cancelled"] | None = None
    kind: str | None = None


@router.get("", response={200: list[JobOut], **Problems}, summary="List jobs")
def list_jobs(request: ApiRequest, filters: Query[JobFilters]) -> QuerySet[Job]:
    """Background work that this key may see, newest first."""
    asked = filters.model_dump(exclude_none=True)
    return request.auth.visible(Job).filter(**asked)


@router.get("/{uuid:job_id}", response={200: JobOut, **Problems}, summary="Read a job")
def get_job(request: ApiRequest, job_id: UUID) -> Job:
    """One job: its progress, and its cause when it failed."""
    return request.auth.get(Job, job_id)


@router.post("/{uuid:job_id}/cancel", response={200: JobOut, **Problems}, summary="Cancel a job")
def cancel_job(request: ApiRequest, job_id: UUID) -> Job:
    """Stop a job. One that has ended stays as it is."""
    return services.cancel_job(request.auth, request.auth.get(Job, job_id, "manage"))


@router.post(
    "/{uuid:job_id}/retry",
    response={200: JobOut, **Problems, 409: ProblemOut},
    summary="Retry a job",
)
def retry_job(request: ApiRequest, job_id: UUID) -> Job:
    """Queue a failed or cancelled job again. One in another state stays as it is. A 409 for work
    that is done once, such as a run: start a new one."""
    job = request.auth.get(Job, job_id, "manage")
    try:
        return services.retry_job(request.auth, job)
    except NotRepeatable as error:
        raise Problem(409, "conflict", str(error)) from error
