"""Small jobs done several at a time, because looking up and writing cost more than their work.

A worker that took such a job and was quick takes further ones of the same kind and tenant. Each
keeps its own row, fence, lease, cancellation and cause; only the look-ups and the transaction that
writes the results are shared. One that fails, was cancelled or lost its lease is left out of it.
Where the common transaction itself fails, each gets one of its own. A worker that is killed leaves
leases that run out; what was tried before is taken alone, so that a job that kills its worker takes
the others along only once.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

import structlog
from django.db import models, transaction
from django.utils import timezone

from tenants.jobs import authority
from tenants.jobs.asking import wake
from tenants.jobs.ending import give_back
from tenants.jobs.leases import Heart, Lease
from tenants.jobs.outcomes import given_back_when_told_to_stop, told_truly
from tenants.jobs.taking import take, take_more
from tenants.models import Job

log = structlog.get_logger(__name__)

Asked = TypeVar("Asked")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Batch(Generic[Asked, Done]):
    """Work in parts, so that several jobs can share what is not about one of them alone.

    Jobs may be done together that say in their payload how many "bytes" they are about, and are of
    at most `largest`.
    """

    # What the jobs ask for, by the ids of the jobs; what is gone may be missing.
    look_up: Callable[[Sequence[Lease]], Mapping[UUID, Asked]]
    # The work on one job, outside of transactions. Raises JobFailed, and as `Lease.check`.
    prepare: Callable[[Lease, Asked | None], Done]
    # Writes what was prepared, in the transaction that ends the jobs.
    write: Callable[[Sequence[Done]], None]
    # What is to be seen to afterwards.
    follow_up: Callable[[Sequence[Done]], None]
    largest: int
    most: int = 16
    # Others wait for what was taken along, so no more of it is begun after so long.
    seconds: float = 1.0


Prepared = list[tuple[Lease, Done]]


# Taken along and done by this process. Done is for good, so a message about one of them, which
# comes for every job sooner or later, is not worth a look at the database.
_done_here: OrderedDict[UUID, None] = OrderedDict()
_REMEMBERED = 10_000


def perform_batch(job_id: UUID, batch: Batch[Asked, Done]) -> None:
    """Take the job if it is free, and others with it where that is quick; do them."""
    if job_id in _done_here:
        del _done_here[job_id]
        return
    job = take(job_id)
    if job is None:
        return
    leases = [Lease(job)]
    with Heart() as heart, given_back_when_told_to_stop(leases):
        heart.hold(leases)
        started = time.monotonic()
        prepared = _prepare(batch, leases)
        more = _taken_along(batch, job, time.monotonic() - started)
        leases += more
        heart.hold(more)
        prepared += _prepare(batch, more, until=started + batch.seconds)
        _finish(batch, prepared)
    _remember(more)


def _remember(leases: Sequence[Lease]) -> None:
    _done_here.update((lease.job.pk, None) for lease in leases if lease.is_finished)
    while len(_done_here) > _REMEMBERED:
        _done_here.popitem(last=False)


def _taken_along(batch: Batch[Asked, Done], job: Job, took: float) -> list[Lease]:
    """As many more as there is time for, at the pace of the first."""
    is_small = int(job.payload.get("bytes", batch.largest + 1)) <= batch.largest
    room = min(batch.most, int(batch.seconds / max(took, 0.001))) - 1
    if room < 1 or job.attempt > 1 or not is_small:
        return []
    return [Lease(more) for more in take_more(job, most=room, largest=batch.largest)]


def _prepare(
    batch: Batch[Asked, Done], leases: Sequence[Lease], until: float | None = None
) -> Prepared[Done]:
    """The results of those that went well."""
    leases = _still_allowed(leases)
    if not leases:
        return []
    asked = batch.look_up(leases)
    prepared: Prepared[Done] = []
    for at, lease in enumerate(leases):
        if until and time.monotonic() > until:
            _let_go(leases[at:])
            break
        with told_truly(lease):
            prepared.append((lease, batch.prepare(lease, asked.get(lease.job.pk))))
    return prepared


def _still_allowed(leases: Sequence[Lease]) -> list[Lease]:
    """Those whose asker may still have them done; the others end."""
    refused = authority.refusals([lease.job for lease in leases])
    for lease in leases:
        if refusal := refused.get(lease.job.pk):
            with told_truly(lease):
                raise refusal
    return [lease for lease in leases if lease.job.pk not in refused]


def _let_go(leases: Sequence[Lease]) -> None:
    for lease in leases:
        lease.lose()
        give_back(lease.job)
        wake(lease.job)


def _finish(batch: Batch[Asked, Done], prepared: Prepared[Done]) -> None:
    """Commit all together; where that fails, each alone."""
    if len(prepared) > 1:
        try:
            _commit(batch, prepared)
        except Exception:
            # One of them may be what is wrong; alone, each tells for itself.
            log.exception("job.batch_failed", jobs=len(prepared))
        else:
            return
    for lease, done in prepared:
        with told_truly(lease):
            _commit(batch, [(lease, done)])


def _commit(batch: Batch[Asked, Done], prepared: Prepared[Done]) -> None:
    """One transaction for the results and the ends of the jobs that are still wanted."""
    with transaction.atomic():
        wanted = _wanted([lease for lease, _ in prepared])
        results = [done for lease, done in prepared if lease in wanted]
        if results:
            batch.write(results)
            _end(wanted)
    for lease, _ in prepared:
        if lease in wanted:
            lease.is_finished = True
        else:
            with told_truly(lease):
                lease.check()
    if results:
        batch.follow_up(results)


def _wanted(leases: Sequence[Lease]) -> set[Lease]:
    """Those that still hold their job, locked, and that nobody cancelled."""
    rows = (
        Job.unscoped.select_for_update()
        .filter(pk__in=[lease.job.pk for lease in leases], status=Job.Status.RUNNING)
        .order_by("pk")
        .values_list("pk", "fence", "is_cancel_requested")
    )
    held = set(rows)
    return {
        lease
        for lease in leases
        if (lease.job.pk, lease.job.fence, False) in held and lease.refusal is None
    }


def _end(leases: set[Lease]) -> None:
    now = timezone.now()
    Job.unscoped.filter(pk__in=[lease.job.pk for lease in leases]).update(
        status=Job.Status.DONE,
        done=models.F("total"),
        lease_until=None,
        finished_at=now,
        updated_at=now,
    )
