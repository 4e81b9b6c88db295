"""What becomes of runs when their tenant is archived."""

from __future__ import annotations

from django.utils import timezone

from agents.runs.models import AgentRun
from tenants import archiving
from tenants.models import Tenant


def declare() -> None:
    """Runs under way are cancelled, wherever they are done; queued ones wait with their jobs."""
    archiving.declare(_cancel_running)


def _cancel_running(tenant: Tenant) -> None:
    running = AgentRun.unscoped.filter(tenant=tenant, status=AgentRun.Status.RUNNING)
    running.filter(cancel_requested_at=None).update(cancel_requested_at=timezone.now())
