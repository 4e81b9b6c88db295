"""Background work by lease.

The `Job` row is the truth. A worker takes it with a growing number as its fence, keeps a short
lease alive while it works, and commits results and final state together under that fence. Whoever
lost the lease (a stopped clock, a long pause) can't commit any more, so work is neither lost nor
done twice. The queue only says when to look; `reconcile` makes up for every lost message.
"""

from tenants.jobs.asking import cancel, enqueue, restart, wake
from tenants.jobs.batches import Batch
from tenants.jobs.ending import pause_archived
from tenants.jobs.kinds import KINDS, JobCancelled, JobFailed, LeaseLost, NotRepeatable, why_once
from tenants.jobs.leases import Lease, give_back_held
from tenants.jobs.performing import job_kind, perform
from tenants.jobs.reconciling import reconcile

__all__ = [
    "KINDS",
    "Batch",
    "JobCancelled",
    "JobFailed",
    "Lease",
    "LeaseLost",
    "NotRepeatable",
    "cancel",
    "enqueue",
    "give_back_held",
    "job_kind",
    "pause_archived",
    "perform",
    "reconcile",
    "restart",
    "wake",
    "why_once",
]
