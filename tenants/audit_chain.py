"""The chain that a tenant's audit events form, and what it gives away when it was touched.

Each event has the next number and a SHA-256 over its content and the hash of the event before it.
The end of the chain is kept in a row of its own, `AuditHead`. So an event that was altered, taken
out, put in or moved no longer fits, and neither does an end that was cut off.

What it can't show by itself: whoever may write to the tables *and* knows this can make a whole new
chain with its head. Hence each event is logged with its hash when it is committed, and
`manage.py verify_audit --witness` compares with heads that are kept elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.utils import timezone

from tenants.ids import uuid7
from tenants.models import AuditEvent, AuditHead, Tenant

log = structlog.get_logger("audit")

# What a hash covers, in this order: everything that an event says.
COVERED = (
    "previous_hash",
    "number",
    "id",
    "tenant_id",
    "created_at",
    "actor_id",
    "actor_label",
    "key_id",
    "action",
    "object_type",
    "object_id",
    "object_label",
    "about_type",
    "about_id",
    "is_restricted",
    "changes",
    "request_id",
    "address",
)
_AT_ONCE = 5_000
_TICK = timedelta(microseconds=1)


# ── Writing ───────────────────────────────────────────────────────────────────────────────────


def append(event: AuditEvent) -> None:
    """Save a new event as the last of its tenant's chain.

    Call it last in the transaction of the change: from here to its end, every other change in the
    tenant waits.
    """
    head = _held_head(event.tenant)
    event.number, event.previous_hash = head.number + 1, head.hash
    event.created_at = max(timezone.now(), head.written_at + _TICK if head.written_at else _EVER)
    event.hash = digest(event)
    event.save(force_insert=True)
    AuditHead.unscoped.filter(pk=head.pk).update(
        number=event.number, hash=event.hash, written_at=event.created_at
    )
    transaction.on_commit(partial(_witness, event))


_EVER = datetime.min.replace(tzinfo=UTC)

# The tenant first, as the keys of what was written demand at the commit: who changes the tenant
# waits for an event under way before, and not while, that one waits for the head.
_HOLD = """
SELECT head.* FROM (SELECT id FROM tenants_tenant WHERE id = %s FOR KEY SHARE) AS tenant
  JOIN tenants_audithead head ON head.tenant_id = tenant.id FOR NO KEY UPDATE OF head
"""


def _held_head(tenant: Tenant) -> AuditHead:
    """The end of the chain, which nobody else can follow before this transaction ends."""
    for head in AuditHead.unscoped.raw(_HOLD, [tenant.pk]):
        return head
    AuditHead.unscoped.bulk_create([AuditHead(id=uuid7(), tenant=tenant)], ignore_conflicts=True)
    return AuditHead.unscoped.select_for_update(of=("self",), no_key=True).get(tenant=tenant)


def _witness(event: AuditEvent) -> None:
    """Tell the log, which whoever tampers with the database may not reach."""
    told = {"tenant": str(event.tenant_id), "number": event.number, "hash": event.hash}
    log.info("audited", action=event.action, **told)


# ── Hashing ───────────────────────────────────────────────────────────────────────────────────


def digest(event: AuditEvent) -> str:
    """SHA-256, in hex, over all that an event says and the hash of the one before it."""
    return digest_of([getattr(event, name) for name in COVERED])


def digest_of(values: Sequence[Any]) -> str:
    """The same of the values of COVERED: as a JSON list, canonical, hashed as UTF-8."""
    content = [_canonical(value) for value in values]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """As JSON knows it, and the same before it is stored as after it is read."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, dict):
        return {key: _canonical(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_canonical(inner) for inner in value]
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    # PostgreSQL keeps numbers exactly and writes them out: 1e+23 comes back as an integer.
    return int(Decimal(repr(value))) if value.is_integer() else repr(value)


# ── Checking ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Fault:
    """Where a chain is broken: the number of the event, and what is wrong with it."""

    number: int
    what: str


@dataclass(frozen=True, slots=True)
class Head:
    """The end of a chain, as it was seen."""

    number: int = 0
    hash: str = ""


def head_of(tenant: Tenant) -> Head:
    """Where the tenant's chain ends now."""
    head = AuditHead.unscoped.filter(tenant=tenant).first()
    return Head(head.number, head.hash) if head else Head()


def faults(tenant: Tenant, witnessed: Sequence[Head] = ()) -> Iterator[Fault]:
    """Everything that does not fit, in the order of the chain; events may be written meanwhile.

    `witnessed` are ends of the chain that were seen before, and have to be in it. Reads the events
    in one pass, a few thousand at a time.
    """
    seen: dict[int, set[str]] = defaultdict(set)
    for head in (*witnessed, head_of(tenant)):
        seen[head.number].add(head.hash)
    last = Head()
    for number, stored, values in _events(tenant):
        yield from _misfits(last, number, stored, values)
        if seen.pop(number, {stored}) != {stored}:
            yield Fault(number, "is not the event that was here before")
        last = Head(number, stored)
    yield from _cut_off(last, seen, head_of(tenant))


def _events(tenant: Tenant) -> Iterator[tuple[int, str, Sequence[Any]]]:
    rows = AuditEvent.unscoped.filter(tenant=tenant).order_by("number")
    with transaction.atomic():  # so that the cursor stays on the server and copies nothing
        for stored, *values in rows.values_list("hash", *COVERED).iterator(chunk_size=_AT_ONCE):
            yield values[1], stored, values


def _misfits(last: Head, number: int, stored: str, values: Sequence[Any]) -> Iterator[Fault]:
    if number != last.number + 1:
        yield Fault(number, f"follows {_missing(last.number + 1, number - 1)}")
    elif values[0] != last.hash:
        yield Fault(number, f"does not follow event {last.number}: one of the two was replaced")
    if digest_of(values) != stored:
        yield Fault(number, "was altered, moved or put in: its content has another hash")


def _missing(first: int, last: int) -> str:
    if first == last:
        return f"event {first}, which is missing"
    return f"events {first} to {last}, which are missing"


def _cut_off(last: Head, unseen: Collection[int], now: Head) -> Iterator[Fault]:
    if max(unseen, default=0) > last.number:
        yield Fault(max(unseen), f"was the end of the chain, which now ends with {last.number}")
    if last.number > now.number:
        yield Fault(last.number, f"was put in: the chain ended with {now.number}")
