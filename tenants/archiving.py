"""What has to stop when a tenant is archived.

An app knows nothing of the apps above it, so those declare what of theirs is under way: runs of
agents. Declarations are made when the apps are ready.
"""

from __future__ import annotations

from collections.abc import Callable

from tenants.models import Tenant

_stops: list[Callable[[Tenant], None]] = []


def declare(stop: Callable[[Tenant], None]) -> None:
    """Call `stop` in the transaction that archives a tenant."""
    _stops.append(stop)


def stop_all(tenant: Tenant) -> None:
    """Have everything stop that is under way there."""
    for stop in _stops:
        stop(tenant)
