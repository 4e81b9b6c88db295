"""Doing a run as a job: the run's row says what came of it, and the job's row follows."""

from __future__ import annotations

from uuid import UUID

from agents.runs import endings, performing, preparing, rights
from agents.runs.models import AgentRun
from tenants.access import Access
from tenants.jobs import JobCancelled, JobFailed, Lease, LeaseLost
from tenants.models import Job

_Status = AgentRun.Status


def do_queued_run(lease: Lease) -> None:
    """Do the run that the job names. A run is done once: a second attempt only tells how it ended.

    Raises JobFailed with the run's cause, or JobCancelled.
    """
    run = AgentRun.unscoped.select_related("version").get(
        tenant_id=lease.job.tenant_id, pk=UUID(lease.payload["run_id"])
    )
    if task := preparing.taken_task(_access(lease, run), run):
        performing.perform(task, is_unwanted=lambda: _is_cancelled(lease))
    run.refresh_from_db()
    if run.status == _Status.RUNNING:
        # An earlier attempt's process is gone, and took what the model had said with it.
        endings.end_from_outside(
            run.pk,
            _Status.INTERRUPTED,
            endings.INTERRUPTED,
            "interrupted",
            while_in=[_Status.RUNNING],
        )
        run.refresh_from_db()
    _follow(run)


def _access(lease: Lease, run: AgentRun) -> Access:
    """Who asked for it, with the rights of now. Raises JobFailed where these no longer include
    running the agent."""
    try:
        return rights.to_run(lease.access(), run)
    except rights.RightsEnded as ended:
        raise JobFailed(str(ended), code=rights.ENDED_CODE) from ended


def _is_cancelled(lease: Lease) -> bool:
    try:
        lease.check()
    except (JobCancelled, LeaseLost):
        return True
    return False


def _follow(run: AgentRun) -> None:
    if run.status == _Status.CANCELLED:
        raise JobCancelled(run.pk)
    if run.status != _Status.COMPLETED:
        raise JobFailed(run.cause, code=run.cause_code)


def job_ended(job: Job) -> None:
    """A job that fails or is cancelled takes its run along, unless that has ended by itself."""
    is_cancelled = job.status == Job.Status.CANCELLED
    endings.end_from_outside(
        UUID(job.payload["run_id"]),
        _Status.CANCELLED if is_cancelled else _Status.FAILED,
        job.cause,
        job.cause_code,
        while_in=AgentRun.UNFINISHED,
    )
