"""The audit log: one row per change, written in the change's own transaction.

Rows of a tenant form a hash chain: each row's SHA-256 covers its content and the hash before it,
so that a row altered or removed later is found.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from tenants.access import Access, Platform
from tenants.ids import uuid7
from tenants.models import AuditEvent, Secret, Tenant

# Set by the request-id middleware; background work leaves it empty.
current_request_id: ContextVar[str] = ContextVar("request_id", default="")

Changes = dict[str, Any]
_UNTOLD = {"created_at", "updated_at", "version", "tenant"}
_LONGEST = 2_000


def record(
    access: Access, action: str, row: models.Model | None = None, changes: Changes | None = None
) -> AuditEvent:
    """Note what this principal did. Call it inside the transaction of the change."""
    return _append(access.tenant, access, action, row, changes)


def record_platform(
    platform: Platform,
    tenant: Tenant,
    action: str,
    row: models.Model | None = None,
    changes: Changes | None = None,
) -> AuditEvent:
    """Note what somebody did who looks after the platform, from outside of the tenant."""
    return _append(tenant, platform, action, row, changes)


def record_system(
    tenant: Tenant, action: str, row: models.Model | None = None, changes: Changes | None = None
) -> AuditEvent:
    """Note what the portal did by itself."""
    return _append(tenant, None, action, row, changes)


@contextmanager
def changing(access: Access, row: models.Model, action: str) -> Iterator[None]:
    """Note the difference that the block makes to the row, which it must save.

    The difference is to what is stored: a form has changed its instance before the service sees
    it. The stored row stays locked until the end. Nothing is noted when nothing changed.
    """
    with transaction.atomic():
        stored = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
        before = _values(stored)
        yield
        after = _values(row)
        changes = {k: [before[k], after[k]] for k in after if before[k] != after[k]}
        if changes:
            record(access, action, row, _without_secrets(row, changes))


def _append(
    tenant: Tenant,
    who: Access | Platform | None,
    action: str,
    row: models.Model | None,
    changes: Changes | None,
) -> AuditEvent:
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event belongs in the transaction of its change.")
    previous = _lock_chain(tenant)
    event = AuditEvent(
        id=uuid7(),
        tenant=tenant,
        actor=who.user if who else None,
        actor_label=who.label if who else "Roster",
        key=who.key if isinstance(who, Access) else None,
        action=action,
        object_type=row._meta.label_lower if row else "",
        object_id=str(row.pk) if row else "",
        object_label=str(row)[:300] if row else "",
        changes=json.loads(json.dumps(changes or {}, cls=DjangoJSONEncoder)),
        request_id=current_request_id.get(),
        number=previous.number + 1 if previous else 1,
        previous_hash=previous.hash if previous else "",
    )
    event.hash = digest(event)
    event.save(force_insert=True)
    return event


def _lock_chain(tenant: Tenant) -> AuditEvent | None:
    """The last event, which nobody else can follow before this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"audit:{tenant.pk}"]
        )
    return AuditEvent.unscoped.filter(tenant=tenant).order_by("-number").first()


def digest(event: AuditEvent) -> str:
    """SHA-256, in hex, over the event's content and the hash of the one before it."""
    content = [
        event.previous_hash,
        str(event.pk),
        str(event.tenant_id),
        event.number,
        str(event.actor_id or ""),
        event.actor_label,
        str(event.key_id or ""),
        event.action,
        event.object_type,
        event.object_id,
        event.object_label,
        event.changes,
        event.request_id,
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _values(row: models.Model) -> Changes:
    return {
        field.name: _short(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.name not in _UNTOLD
    }


def _short(value: Any) -> Any:
    if isinstance(value, memoryview | bytes):
        return hashlib.sha256(bytes(value)).hexdigest()
    if isinstance(value, str) and len(value) > _LONGEST:
        return value[:_LONGEST] + "…"
    return (
        value
        if isinstance(value, int | float | bool | str | list | dict | datetime | None)
        else str(value)
    )


def _without_secrets(row: models.Model, changes: Changes) -> Changes:
    if isinstance(row, Secret) and "sealed" in changes:
        return {k: v for k, v in changes.items() if k == "name"} | {"value": "changed"}
    return changes
