"""What becomes of runs when their tenant is archived, and when their time is over."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from agents.runs.models import AgentRun
from tenants import archiving, retention
from tenants.models import Tenant


def declare() -> None:
    """Tell the ground floor, once the apps are ready."""
    archiving.declare(_cancel_running)
    retention.declare("runs", _expired)


def _cancel_running(tenant: Tenant) -> None:
    """Wherever they are done; queued ones wait with their jobs."""
    running = AgentRun.unscoped.filter(tenant=tenant, status=AgentRun.Status.RUNNING)
    running.filter(cancel_requested_at=None).update(cancel_requested_at=timezone.now())


def _expired(tenant: Tenant, before: datetime) -> QuerySet[AgentRun]:
    """Ended runs; steps, tool calls, events and usage go with them."""
    ended = AgentRun.unscoped.exclude(status__in=AgentRun.UNFINISHED)
    return ended.filter(tenant=tenant, created_at__lt=before)
