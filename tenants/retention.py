"""Deleting what a tenant keeps only for a while.

An app knows nothing of the apps above it, so those declare what of theirs runs out.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from tenants import audit
from tenants.models import Invitation, Job, Tenant

log = structlog.get_logger(__name__)

BATCH = 500
# Each tenant's turn comes once a day, whichever hourly call meets it first.
DAILY = timedelta(hours=20)

Expired = Callable[[Tenant, datetime], QuerySet[Any]]

_kinds: dict[str, Expired] = {}


def declare(name: str, expired: Expired) -> None:
    """`expired(tenant, before)` are the rows to delete, named `name` in the activity log."""
    _kinds[name] = expired


def apply(now: datetime | None = None) -> None:
    """Delete, in every tenant whose turn it is, what is older than the tenant keeps it.

    Archived tenants lose nothing: they are kept as they are.
    """
    now = now or timezone.now()
    due = Q(retention_applied_at=None) | Q(retention_applied_at__lt=now - DAILY)
    waiting = Tenant.objects.filter(due, retention_days__gt=0, archived_at=None)
    for tenant in waiting.order_by("pk"):
        # Whoever sets the time has the turn; a second worker finds it taken.
        if Tenant.objects.filter(due, pk=tenant.pk).update(retention_applied_at=now):
            _apply_to(tenant, now - timedelta(days=tenant.retention_days or 0))


def _apply_to(tenant: Tenant, before: datetime) -> None:
    rows = {name: expired(tenant, before) for name, expired in _kinds.items()}
    counts = {name: count for name, found in rows.items() if (count := found.count())}
    if not counts:
        return
    # Told first: if this process dies on the way, what it deleted was not deleted in silence.
    with transaction.atomic():
        audit.record_system(
            tenant, "retention.applied", tenant, {"older_than": before, "deleted": counts}
        )
    for name in counts:
        _delete(rows[name])
    log.info("retention.applied", tenant=str(tenant.pk), **counts)


def _delete(rows: QuerySet[Any]) -> None:
    while ids := list(rows.values_list("pk", flat=True)[:BATCH]):
        with transaction.atomic():
            rows.model._base_manager.filter(pk__in=ids).delete()


def _jobs(tenant: Tenant, before: datetime) -> QuerySet[Job]:
    ended = Job.unscoped.exclude(status__in=Job.UNFINISHED)
    return ended.filter(tenant=tenant, created_at__lt=before)


def _invitations(tenant: Tenant, before: datetime) -> QuerySet[Invitation]:
    return Invitation.unscoped.filter(tenant=tenant, expires_at__lt=before)


declare("jobs", _jobs)
declare("invitations", _invitations)
