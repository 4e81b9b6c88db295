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

from allauth.mfa.models import Authenticator
from cryptography.exceptions import InvalidTag
from django.db import transaction
from django.db.models import Count, F, Func, QuerySet, TextField, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce

from tenants import factors, idempotency, secrets
from tenants.models import KeptAnswer, Secret

BATCH = 200


@dataclass(frozen=True, slots=True)
class Sealed:
    """A table with sealed values: its rows with `sealed_with`, the id of the operator's key; and
    the columns of a row, sealed anew. The latter raises as `secrets.open_bytes`."""

    rows: Callable[[], QuerySet[Any]]
    again: Callable[[Any], dict[str, Any]]


def _secret_again(row: Secret) -> dict[str, Any]:
    place = secrets.place_of(row)
    key_id, sealed = _again(row.key_id, bytes(row.sealed), place)
    return {"key_id": key_id, "sealed": sealed}


def _answer_again(row: KeptAnswer) -> dict[str, Any]:
    place = idempotency.place_of(row.tenant_id, row.key_id, row.name)
    key_id, sealed = _again(row.sealed_by, bytes(row.sealed), place)
    return {"sealed_by": key_id, "sealed": sealed}


def _factor_again(row: Authenticator) -> dict[str, Any]:
    name = "secret" if "secret" in row.data else "seed"
    plain = secrets.open_text(row.data[name], factors.SEALED_FOR)
    return {"data": {**row.data, name: secrets.seal_text(plain, factors.SEALED_FOR)}}


def _again(key_id: str, sealed: bytes, place: str) -> tuple[str, bytes]:
    return secrets.seal_bytes(secrets.open_bytes(key_id, sealed, place), place)


def _factors() -> QuerySet[Any]:
    """Apps and recovery codes; django-allauth keeps their seeds inside JSON, as `key id:base64`."""
    sealed = Coalesce(KT("data__secret"), KT("data__seed"))
    key_id = Func(sealed, Value(":"), Value(1), function="split_part", output_field=TextField())
    seeds = Authenticator.objects.filter(
        type__in=(Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    )
    rows: QuerySet[Any] = seeds.annotate(sealed_with=key_id)
    return rows


SEALED = (
    Sealed(lambda: Secret.unscoped.annotate(sealed_with=F("key_id")), _secret_again),
    Sealed(lambda: KeptAnswer.unscoped.annotate(sealed_with=F("sealed_by")), _answer_again),
    Sealed(_factors, _factor_again),
)


@dataclass(slots=True)
class Progress:
    """Rows sealed anew so far, of so many; the ids of those that no key opens."""

    total: int
    done: int = 0
    unopened: tuple[Any, ...] = ()


def keys_in_use() -> Counter[str]:
    """How many values each of the operator's keys has sealed."""
    found: Counter[str] = Counter()
    for table in SEALED:
        counted = table.rows().order_by().values_list("sealed_with").annotate(rows=Count("pk"))
        found.update(dict(counted))
    return found


def rotate(batch: int = BATCH) -> Iterator[Progress]:
    """Seal everything with the newest key; tells of its progress after each batch."""
    newest = secrets.newest_key_id()
    progress = Progress(total=keys_in_use().total() - keys_in_use()[newest])
    for table in SEALED:
        last: Any = None
        while rows := _next_rows(table, newest, last, batch):
            last = rows[-1]
            sealed, unopened = _sealed_anew(table, newest, rows)
            progress.done += sealed
            progress.unopened += unopened
            yield progress


def _next_rows(table: Sealed, newest: str, last: Any, batch: int) -> list[Any]:
    rows = table.rows().exclude(sealed_with=newest).order_by("pk")
    rows = rows.filter(pk__gt=last) if last else rows
    return list(rows.values_list("pk", flat=True)[:batch])


@transaction.atomic
def _sealed_anew(table: Sealed, newest: str, ids: list[Any]) -> tuple[int, tuple[Any, ...]]:
    """How many of these were sealed anew, and which can't be opened."""
    locked = table.rows().select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk")
    done, unopened = 0, []
    for row in locked.exclude(sealed_with=newest):  # as it is under the lock
        try:
            columns = table.again(row)
        except (InvalidTag, KeyError):
            unopened.append(row.pk)
            continue
        table.rows().filter(pk=row.pk).update(**columns)
        done += 1
    return done, tuple(unopened)
