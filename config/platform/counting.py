"""Counting what the platform page tells of each tenant. A few grouped queries, however many."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum
from django.utils import timezone

from agents.models import Agent
from agents.runs.models import AgentRun, UsageRecord
from config.models import TenantFigures
from knowledge.models import Document
from tenants.models import AuditHead, Job, Membership, Tenant

BATCH = 1_000
FAILED_RUN = Q(status__in=(AgentRun.Status.FAILED, AgentRun.Status.INTERRUPTED))
FAILED_JOB = Q(status=Job.Status.FAILED)
_COUNTED = [
    *("members", "agents", "documents", "storage", "runs", "spend", "failed_runs", "failed_jobs"),
    *("last_activity_at", "counted_at"),
]


def count_tenants() -> None:
    """Write the figures of all tenants as they are now."""
    now = timezone.now()
    found = _figures(now.astimezone(UTC))
    ids = Tenant.objects.values_list("pk", flat=True)
    TenantFigures.objects.bulk_create(
        [TenantFigures(tenant_id=pk, counted_at=now, **found[pk]) for pk in ids],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["tenant"],
        update_fields=_COUNTED,
    )


def fill_in(tenants: Collection[Tenant]) -> None:
    """Give those of the tenants that were never counted their figures as they are now."""
    missing = [tenant for tenant in tenants if not hasattr(tenant, "figures")]
    if missing:
        now = timezone.now()
        found = _figures(now.astimezone(UTC), missing)
        for tenant in missing:
            # Its side of the relation is set by this; nothing is saved.
            TenantFigures(tenant=tenant, counted_at=now, **found[tenant.pk])


def figures_of(tenant: Tenant) -> TenantFigures:
    """The figures of one tenant as they are now; kept nowhere."""
    now = timezone.now()
    found = _figures(now.astimezone(UTC), [tenant])
    return TenantFigures(tenant=tenant, counted_at=now, **found[tenant.pk])


def _figures(now: datetime, only: Collection[Tenant] = ()) -> dict[Any, dict[str, Any]]:
    month = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found: dict[Any, dict[str, Any]] = defaultdict(dict)
    for rows, measures in _measures(month):
        mine = rows.filter(tenant__in=only) if only else rows
        grouped = mine.order_by().values("tenant_id").annotate(**measures)
        for row in grouped:
            _merge(found[row.pop("tenant_id")], row)
    return found


def _measures(month: datetime) -> list[tuple[QuerySet[Any], dict[str, Any]]]:
    this_month = Q(created_at__gte=month)
    return [
        (Membership.unscoped.all(), {"members": Count("pk")}),
        (Agent.unscoped.all(), {"agents": Count("pk")}),
        (
            Document.unscoped.all(),
            {"documents": Count("pk"), "storage": Sum("byte_size", default=0)},
        ),
        (
            AgentRun.unscoped.filter(this_month),
            {
                "runs": Count("pk"),
                "failed_runs": Count("pk", filter=FAILED_RUN),
                "last_activity_at": Max("created_at"),
            },
        ),
        (
            UsageRecord.unscoped.filter(this_month, currency="USD"),
            {"spend": Sum("cost", default=0)},
        ),
        (Job.unscoped.filter(this_month & FAILED_JOB), {"failed_jobs": Count("pk")}),
        (AuditHead.unscoped.all(), {"last_activity_at": Max("written_at")}),
    ]


def _merge(figures: dict[str, Any], row: dict[str, Any]) -> None:
    last = max(
        (r["last_activity_at"] for r in (figures, row) if r.get("last_activity_at")), default=None
    )
    figures |= row | {"last_activity_at": last}
