"""Sealing anew with the operator's newest key, row by row, while everything goes on.

A batch is one transaction over locked rows, so that a value that somebody replaces meanwhile is
either sealed anew before or found sealed with the newest key after. What was sealed anew needs
no second time: a rotation that was killed goes on where it was.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from cryptography.exceptions import InvalidTag
from django.db import transaction
from django.db.models import Count

from tenants import idempotency, secrets
from tenants.models import KeptAnswer, Secret

BATCH = 200


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table with sealed values: the fields of the value and of its key, and what binds it."""

    model: type[Any]
    value: str
    key_id: str
    place: Callable[[Any], str]


def _place_of_answer(row: KeptAnswer) -> str:
    return idempotency.place_of(row.tenant_id, row.key_id, row.name)


SEALED = (
    Sealed(Secret, "sealed", "key_id", secrets.place_of),
    Sealed(KeptAnswer, "sealed", "sealed_by", _place_of_answer),
)


@dataclass(slots=True)
class Progress:
    """Rows sealed anew so far, of so many; the ids of those that no key opens."""

    total: int
    done: int = 0
    unopened: tuple[UUID, ...] = ()


def keys_in_use() -> Counter[str]:
    """How many values each of the operator's keys has sealed."""
    found: Counter[str] = Counter()
    for table in SEALED:
        counted = table.model.unscoped.values_list(table.key_id).annotate(rows=Count("pk"))
        found.update(dict(counted))
    return found


def rotate(batch: int = BATCH) -> Iterator[Progress]:
    """Seal everything with the newest key; tells of its progress after each batch."""
    newest = secrets.newest_key_id()
    progress = Progress(total=keys_in_use().total() - keys_in_use()[newest])
    for table in SEALED:
        last: UUID | None = None
        while rows := _next_rows(table, newest, last, batch):
            last = rows[-1]
            sealed, unopened = _sealed_anew(table, newest, rows)
            progress.done += sealed
            progress.unopened += unopened
            yield progress


def _next_rows(table: Sealed, newest: str, last: UUID | None, batch: int) -> list[UUID]:
    rows = table.model.unscoped.exclude(**{table.key_id: newest}).order_by("pk")
    rows = rows.filter(pk__gt=last) if last else rows
    return list(rows.values_list("pk", flat=True)[:batch])


@transaction.atomic
def _sealed_anew(table: Sealed, newest: str, ids: list[UUID]) -> tuple[int, tuple[UUID, ...]]:
    """How many of these were sealed anew, and which can't be opened."""
    locked = table.model.unscoped.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    done, unopened = 0, []
    for row in locked.exclude(**{table.key_id: newest}):  # as it is under the lock
        try:
            sealed = bytes(getattr(row, table.value))
            plain = secrets.open_bytes(getattr(row, table.key_id), sealed, table.place(row))
        except (InvalidTag, KeyError):
            unopened.append(row.pk)
            continue
        key_id, sealed = secrets.seal_bytes(plain, table.place(row))
        table.model.unscoped.filter(pk=row.pk).update(**{table.key_id: key_id, table.value: sealed})
        done += 1
    return done, tuple(unopened)
