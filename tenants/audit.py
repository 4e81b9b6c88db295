"""The audit log: one row per change, written in the change's own transaction.

Rows of a tenant form a hash chain (`tenants.audit_chain`), whose end every change in the tenant
waits for. So events are the last that a transaction writes (`atomic`): who waited for something
else then could wait for whoever waits for it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction

from tenants import audit_chain
from tenants.access import VIEWING, Access
from tenants.audit_rule import about
from tenants.ids import uuid7
from tenants.models import AuditEvent, Secret, Tenant
from tenants.platform import Platform
from tenants.versions import require_version

# Set by the request-id middleware; background work leaves them empty.
current_request_id: ContextVar[str] = ContextVar("request_id", default="")
current_address: ContextVar[str] = ContextVar("address", default="")

_waiting: ContextVar[list[AuditEvent] | None] = ContextVar("waiting", default=None)

Changes = dict[str, Any]
Subject = dict[str, Any]
_UNTOLD = {"created_at", "updated_at", "version", "tenant"}
# Beyond this a text is cut in the log. The longest that people write here are shorter: personas'
# instructions and descriptions, so that what they were can be put back.
LONGEST = 20_000


def record(
    access: Access, action: str, row: models.Model | None = None, changes: Changes | None = None
) -> AuditEvent:
    """Note what this principal did, in the transaction of the change.

    Inside `atomic` the event has its number and hash when that ends, else at once. Raises
    PermissionDenied for who only views as somebody else, whose change ends here.
    """
    if access.behind:
        raise PermissionDenied(VIEWING)
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
def atomic() -> Iterator[None]:
    """A transaction whose events are written at its end, after all that it locks.

    For every service that changes something; inside another one, events wait for the outer end.
    """
    with transaction.atomic():
        waiting = _waiting.get()
        if waiting is not None:
            with _undone_together(waiting):
                yield
            return
        mine: list[AuditEvent] = []
        token = _waiting.set(mine)
        try:
            yield
        finally:
            _waiting.reset(token)
        for event in mine:
            audit_chain.append(event)


@contextmanager
def _undone_together(waiting: list[AuditEvent]) -> Iterator[None]:
    """Where the block fails, forget the events of what is rolled back with it."""
    before = len(waiting)
    try:
        yield
    except BaseException:
        del waiting[before:]
        raise


@contextmanager
def changing(
    access: Access, row: models.Model, action: str, expected_version: str | None = None
) -> Iterator[Changes]:
    """Note the difference that the block makes to the row, which it must save.

    The difference is to what is stored: a form has changed its instance before the service sees
    it. The stored row stays locked until the end. Nothing is noted when nothing changed. What the
    block puts into the dictionary that it gets is told, too, and instead of a difference. Raises
    VersionMoved where a version is expected and the stored row is at another.
    """
    with atomic():
        stored = type(row)._base_manager.select_for_update(of=("self",)).get(pk=row.pk)
        require_version(stored, expected_version)
        before, more = _values(stored), Changes()
        yield more
        after = _values(row)
        changes = {k: [before[k], after[k]] for k in after if before[k] != after[k]} | more
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
    waiting = _waiting.get()
    if waiting is None:
        audit_chain.append(event)
    else:
        waiting.append(event)
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
        field.name: shortened(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.name not in _UNTOLD
    }


def shortened(value: Any) -> Any:
    """A value of a column as events keep it."""
    if isinstance(value, memoryview | bytes):
        return hashlib.sha256(bytes(value)).hexdigest()
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST] + "…"
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"  # 0.50 is 0.5
    return (
        value
        if isinstance(value, int | float | bool | str | list | dict | datetime | None)
        else str(value)
    )


def _without_secrets(row: models.Model, changes: Changes) -> Changes:
    if isinstance(row, Secret) and "sealed" in changes:
        return {k: v for k, v in changes.items() if k == "name"} | {"value": "changed"}
    return changes
