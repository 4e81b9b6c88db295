"""Whether whoever asked for work may still have it done: asked when it is taken and while it is
worked on, with the rights of that moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from django.apps import apps
from django.http import Http404

from tenants.access import Access
from tenants.factors import SecondFactorMissing
from tenants.jobs.ending import give_back
from tenants.jobs.kinds import KINDS, JobFailed, LeaseLost
from tenants.models import ApiKey, Job, Tenant

ENDED = "Whoever asked for this may no longer do it."
ENDED_CODE = "access_ended"
GONE = "The person who asked for this is no longer a member."
MAKER_GONE = "The maker of the API key that asked for this is no longer a member."
FACTOR_MISSING = "The person who asked for this has yet to set up a second factor."


def access_of(job: Job) -> Access:
    """Who asked for it, with the rights of now; what an API key asked for is done with the key's.

    Raises JobFailed where these ended, and LeaseLost where the tenant is archived: then the job is
    given back and waits.
    """
    try:
        if job.key is not None:
            return Access.through(job.key.public_id)
        return Access.for_member(job.retried_by_id or job.created_by_id, job.tenant_id)
    except SecondFactorMissing as error:
        raise JobFailed(FACTOR_MISSING, code=ENDED_CODE) from error
    except Http404 as error:
        if Tenant.objects.filter(pk=job.tenant_id, archived_at__isnull=False).exists():
            give_back(job)
            raise LeaseLost(job.pk) from error
        raise _ended(job) from error


def _ended(job: Job) -> JobFailed:
    # Asked anew: it has ended since the job was read.
    key = ApiKey.unscoped.filter(pk=job.key_id).first() if job.key_id else None
    if key is None:
        return JobFailed(GONE, code="member_gone")
    return JobFailed(key.why_ended or MAKER_GONE, code=ENDED_CODE)


def is_watched(job: Job) -> bool:
    """Whether the rights are asked while the work goes on: not of work that asks by itself, which
    a run does at each step."""
    kind = KINDS.get(job.kind)
    return kind is not None and bool(kind.action)


def refusals(jobs: Sequence[Job]) -> dict[UUID, JobFailed | LeaseLost]:
    """Those of the jobs that may not be done (any more), with why; a few queries for each asker."""
    found: dict[UUID, JobFailed | LeaseLost] = {}
    for asked in _by_asker(jobs).values():
        try:
            access = access_of(asked[0])
        except (JobFailed, LeaseLost) as refusal:
            found |= dict.fromkeys((job.pk for job in asked), refusal)
        else:
            found |= dict.fromkeys(_beyond(access, asked), JobFailed(ENDED, code=ENDED_CODE))
    return found


def _by_asker(jobs: Sequence[Job]) -> dict[tuple[UUID | str | None, ...], list[Job]]:
    grouped: dict[tuple[UUID | str | None, ...], list[Job]] = defaultdict(list)
    for job in jobs:
        asker = job.retried_by_id or job.created_by_id
        grouped[job.tenant_id, job.key_id, asker, job.kind].append(job)
    return grouped


def _beyond(access: Access, jobs: Sequence[Job]) -> list[UUID]:
    """The jobs, of one kind, whose subject is there and no longer open to what the kind does."""
    kind = KINDS.get(jobs[0].kind)
    if kind is None or not kind.action:
        return []
    subjects = {job.subject_id for job in jobs}
    model = apps.get_model(kind.subject)
    open_to = access.visible(model, kind.action).filter(pk__in=subjects)
    if closed := subjects - set(open_to.values_list("pk", flat=True)):
        # What is gone is the work's to tell.
        there = model.unscoped.filter(pk__in=closed).values_list("pk", flat=True)
        closed = set(there)
    return [job.pk for job in jobs if job.subject_id in closed]
