"""Doing the work that a job names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar
from uuid import UUID

from celery import shared_task

from tenants.frames import with_room
from tenants.jobs.batches import Batch, perform_batch
from tenants.jobs.kinds import KINDS, Kind
from tenants.jobs.leases import Heart, Lease
from tenants.jobs.outcomes import given_back_when_told_to_stop, told_truly
from tenants.jobs.taking import take
from tenants.models import Job
from tenants.rules import JOB_SUBJECTS

Work = Callable[[Lease], None]
Named = TypeVar("Named", bound="Work | Batch[Any, Any]")


def job_kind(
    name: str,
    *,
    queue: str,
    subject: str = "",
    action: str = "",
    on_failure: Callable[[Job], None] | None = None,
    once: str = "",
) -> Callable[[Named], Named]:
    """Name a function, or a batch of them, as the work of jobs of this kind.

    `subject` is the label of the model that such jobs are about ("knowledge.document"): who sees
    the row may see its jobs. `action` is what whoever asks must be allowed on it, when the job is
    taken and while it is worked on. `on_failure` runs in the transaction that fails or cancels the
    job. `once` says, for work that people can't have done again, why not and what to do instead.
    """

    def register(work: Named) -> Named:
        KINDS[name] = Kind(name, queue, on_failure, subject, action, once)
        if subject:
            JOB_SUBJECTS.add(subject.lower())

        @shared_task(name=name, ignore_result=True)
        def run(job_id: str) -> None:
            perform(UUID(job_id), work)

        return work

    return register


@with_room
def perform(job_id: UUID, work: Work | Batch[Any, Any]) -> None:
    """Take the job if it is free, do its work, and leave it in a state that is true."""
    if isinstance(work, Batch):
        perform_batch(job_id, work)
        return
    job = take(job_id)
    if job is None:
        return
    lease = Lease(job)
    with given_back_when_told_to_stop([lease]), told_truly(lease), Heart() as heart:
        heart.hold([lease])
        lease.require_authority()
        work(lease)
        if not lease.is_finished:
            with lease.finishing():
                pass
