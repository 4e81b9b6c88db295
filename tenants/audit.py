"""The audit log: one row per change, written in the change's own transaction.

Rows of a tenant form a hash chain (`tenants.audit_chain`), whose end every change in the tenant
waits for. So an event is the last thing that a transaction writes: who then waited for something
else could wait for whoever waits for it.
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

from tenants import audit_chain
from tenants.access import Access, Platform
from tenants.audit_rule import about
from tenants.ids import uuid7
from tenants.models import AuditEvent, Secret, Tenant

# Set by the request-id middleware; background work leaves them empty.
current_request_id: ContextVar[str] = ContextVar("request_id", default="")
current_address: ContextVar[str] = ContextVar("address", default="")

Changes = dict[str, Any]
Subject = dict[str, Any]
_UNTOLD = {"created_at", "updated_at", "version", "tenant"}
# Beyond this a text is cut in the log. The longest that people write here are shorter: personas'
# instructions and descriptions, so that what they were can be put back.
LONGEST = 20_000


def record(
    access: Access, action: str, row: models.Model | None = None, changes: Changes | None = None
) -> AuditEvent:
    """Note what this principal did. Call it at the end of the transaction of the change."""
    return _append(access.tenant, access, action, _subject(row), changes)


def record_platform(
    platform: Platform,
    tenant: Tenant,
    action: str,
    row: models.Model | None = None,
    changes: Changes | None = None,
) -> AuditEvent:
    """Note what somebody did who looks after the platform, from outside of the tenant."""
    return _append(tenant, platform, action, _subject(row), changes)


def record_system(
    tenant: Tenant, action: str, row: models.Model | None = None, changes: Changes | None = None
) -> AuditEvent:
    """Note what the portal did by itself."""
    return _append(tenant, None, action, _subject(row), changes)


@contextmanager
def removing(
    access: Access, row: models.Model, action: str, changes: Changes | None = None
) -> Iterator[None]:
    """Note that the block removes the row, told as it was before."""
    with transaction.atomic():
        subject = _subject(row)
        yield
        _append(access.tenant, access, action, subject, changes)


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
    subject: Subject,
    changes: Changes | None,
) -> AuditEvent:
    if not connection.in_atomic_block:
        raise RuntimeError("An audit event belongs in the transaction of its change.")
    event = AuditEvent(
        id=uuid7(),
        tenant=tenant,
        actor=who.user if who else None,
        actor_label=who.label if who else "Roster",
        key_id=who.key.pk if isinstance(who, Access) and who.key else None,
        action=action,
        changes=json.loads(json.dumps(changes or {}, cls=DjangoJSONEncoder)),
        request_id=current_request_id.get(),
        address=current_address.get(),
        **subject,
    )
    audit_chain.append(event)
    return event


def _subject(row: models.Model | None) -> Subject:
    """What an event says about the object that it is about."""
    if row is None:
        return {}
    return {
        "object_type": row._meta.label_lower,
        "object_id": str(row.pk),
        "object_label": str(getattr(row, "audit_label", row))[:300],
        **about(row),
    }


def _values(row: models.Model) -> Changes:
    return {
        field.name: _short(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.name not in _UNTOLD
    }


def _short(value: Any) -> Any:
    if isinstance(value, memoryview | bytes):
        return hashlib.sha256(bytes(value)).hexdigest()
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST] + "…"
    return (
        value
        if isinstance(value, int | float | bool | str | list | dict | datetime | None)
        else str(value)
    )


def _without_secrets(row: models.Model, changes: Changes) -> Changes:
    if isinstance(row, Secret) and "sealed" in changes:
        return {k: v for k, v in changes.items() if k == "name"} | {"value": "changed"}
    return changes
