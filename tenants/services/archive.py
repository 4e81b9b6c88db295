"""Closing an organisation without losing anything, and bringing it back."""

from __future__ import annotations

from django.utils import timezone

from tenants import archiving, audit, jobs
from tenants.access import Access
from tenants.models import Tenant
from tenants.platform import Platform


@audit.atomic()
def archive_tenant(who: Access | Platform, tenant: Tenant) -> Tenant:
    """Close it: only owners come in, to read; keys, queued work and runs stop. Safe to repeat.

    Raises PermissionDenied.
    """
    tenant = _decide(who, tenant)
    if not tenant.is_archived:
        _set(who, tenant, "tenant.archived", archives=True)
        jobs.pause_archived()
        archiving.stop_all(tenant)
    return tenant


@audit.atomic()
def unarchive_tenant(who: Access | Platform, tenant: Tenant) -> Tenant:
    """Open it again; what waited goes on within seconds. Safe to repeat. Raises as above."""
    tenant = _decide(who, tenant)
    if tenant.is_archived:
        _set(who, tenant, "tenant.unarchived", archives=False)
    return tenant


def _decide(who: Access | Platform, tenant: Tenant) -> Tenant:
    """The tenant as it is now, locked, if this principal still may decide about it."""
    tenant = Tenant.objects.select_for_update(no_key=True).get(pk=tenant.pk)
    if isinstance(who, Access):
        # `within` as the page asked: who came by the organisation's own sign-in was asked for a
        # second factor there.
        Access.of(who.user, tenant.slug, within=tenant.pk).require("manage_tenant")
    return tenant


def _set(who: Access | Platform, tenant: Tenant, action: str, *, archives: bool) -> None:
    before, tenant.archived_at = tenant.archived_at, timezone.now() if archives else None
    tenant.version += 1
    tenant.save(update_fields=["archived_at", "version"])
    changes = {"archived_at": [before, tenant.archived_at]}
    if isinstance(who, Access):
        audit.record(who, action, tenant, changes)
    else:
        audit.record_platform(who, tenant, action, tenant, changes)
