"""In how many passages each term stands: what BM25's inverse document frequencies come from.

A document that comes or goes writes one `TermDelta` row in its own transaction, so that ingests
never wait for each other. Deltas are settled into `Term` in bulk, one settler at a time, as soon as
they cover more than a twentieth of the space; so the counts that a query sees are never more than
that behind, and what settling costs is spread over ever more documents as a tenant grows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple
from uuid import UUID

import numpy as np
from django.db import connection, transaction
from django.db.models import Count, F, Sum
from django.db.models.functions import Abs

from knowledge.models import EmbeddingSpace, Term, TermDelta

if TYPE_CHECKING:
    from numpy.typing import NDArray

# One in this many passages may be uncounted.
_SHARE = 20
# So many deltas are settled in any case: reading them takes memory.
_MOST_DELTAS = 500
_BATCH = 10_000

# There is one settler at a time, so what is not there to be changed can be inserted. That is half
# the cost of insertions that find a conflict.
_ADD = """
WITH added AS MATERIALIZED (
    SELECT * FROM unnest(%(terms)s::int[], %(counts)s::int[]) AS added (term, chunks)
), changed AS (
    UPDATE knowledge_term SET chunks = knowledge_term.chunks + added.chunks, updated_at = now()
    FROM added WHERE space_id = %(space)s AND knowledge_term.term = added.term
    RETURNING knowledge_term.term
)
INSERT INTO knowledge_term (id, tenant_id, space_id, created_at, updated_at, term, chunks)
SELECT gen_random_uuid(), %(tenant)s, %(space)s, now(), now(), term, chunks
FROM added WHERE NOT EXISTS (SELECT FROM changed WHERE changed.term = added.term)
"""


class _Delta(NamedTuple):
    chunks: int
    terms: bytes
    counts: bytes


def note(space: EmbeddingSpace, passages: Iterable[Iterable[int]], *, sign: int) -> None:
    """Note in the caller's transaction that passages with these terms came (1) or went (−1)."""
    held = [np.fromiter(passage, dtype=np.int32) for passage in passages]
    if not held:
        return
    terms, counts = np.unique(np.concatenate(held), return_counts=True)
    TermDelta.unscoped.create(
        tenant_id=space.tenant_id,
        space=space,
        chunks=sign * len(held),
        terms=_packed(terms),
        counts=_packed(sign * counts),
    )


def settle_if_due(space_id: UUID) -> None:
    """Settle when enough is waiting. Call it outside of transactions that others wait for."""
    space = (
        EmbeddingSpace.unscoped.filter(pk=space_id)
        .annotate(waiting=Count("deltas"), changed=Sum(Abs("deltas__chunks"), default=0))
        .values("chunk_total", "waiting", "changed")
        .first()
    )
    if space is None or not space["waiting"]:
        return
    if space["changed"] * _SHARE > space["chunk_total"] or space["waiting"] >= _MOST_DELTAS:
        settle(space_id)


def settle_all() -> int:
    """Settle every space that has something waiting; how many these were."""
    waiting = TermDelta.unscoped.values_list("space_id", flat=True).distinct()
    return sum(settle(space_id) for space_id in list(waiting))


@transaction.atomic
def settle(space_id: UUID) -> bool:
    """Move what is waiting into the counts; False where somebody else is at it.

    The space's row is locked so that there is one settler; nothing else locks it, or the rows of
    `Term`, so nobody waits for anybody.
    """
    space = (
        EmbeddingSpace.unscoped.select_for_update(skip_locked=True, no_key=True)
        .filter(pk=space_id)
        .first()
    )
    if space is None:
        return False
    deltas = _taken(space_id)
    if deltas:
        _add(space, *_sum(deltas))
        space.chunk_total = F("chunk_total") + sum(delta.chunks for delta in deltas)
        space.save(update_fields=["chunk_total", "updated_at"])
    return True


def _taken(space_id: UUID) -> list[_Delta]:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM knowledge_termdelta WHERE space_id = %s RETURNING chunks, terms, counts",
            [space_id],
        )
        return [_Delta(*row) for row in cursor.fetchall()]


def _sum(deltas: list[_Delta]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    terms, place = np.unique(
        np.concatenate([_unpacked(delta.terms) for delta in deltas]), return_inverse=True
    )
    sums = np.zeros(len(terms), dtype=np.int64)
    np.add.at(sums, place, np.concatenate([_unpacked(delta.counts) for delta in deltas]))
    changed = sums != 0
    return terms[changed], sums[changed]


def _add(space: EmbeddingSpace, terms: NDArray[np.int32], sums: NDArray[np.int64]) -> None:
    with connection.cursor() as cursor:
        for start in range(0, len(terms), _BATCH):
            cursor.execute(
                _ADD,
                {
                    "tenant": space.tenant_id,
                    "space": space.pk,
                    "terms": _literal(terms[start : start + _BATCH]),
                    "counts": _literal(sums[start : start + _BATCH]),
                },
            )
        if (sums < 0).any():
            Term.unscoped.filter(space=space, chunks__lte=0).delete()


def _packed(numbers: NDArray[np.signedinteger]) -> bytes:
    return numbers.astype("<i4").tobytes()


def _unpacked(numbers: bytes) -> NDArray[np.int32]:
    return np.frombuffer(numbers, dtype="<i4")


def _literal(numbers: NDArray[np.signedinteger]) -> str:
    """An array as Postgres writes it."""
    return "{" + ",".join(map(str, numbers.tolist())) + "}"
