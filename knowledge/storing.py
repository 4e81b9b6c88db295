"""Writing passages with COPY, and removing them, in the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

import numpy as np
import psycopg
from django.db import connection
from django.utils import timezone
from pgvector import HalfVector

from knowledge import codes, counting, lexical
from knowledge.chunking import Piece
from knowledge.models import Document, EmbeddingSpace
from tenants.ids import uuid7

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHUNKS = """
COPY knowledge_chunk (id, tenant_id, created_at, updated_at, document_id, position, page, heading,
    text, tokens) FROM STDIN (FORMAT BINARY)
"""
_ROW = ("uuid", "uuid", "timestamptz", "timestamptz")
CHUNK_TYPES = (*_ROW, "uuid", "int4", "int4", "text", "text", "int4")
VECTORS = """
COPY knowledge_chunkvector (id, tenant_id, created_at, updated_at, chunk_id, space_id, source_id,
    embedding, code, lexical) FROM STDIN (FORMAT BINARY)
"""
# Vectors and codes are written in the binary form of their types, which COPY takes as it is.
VECTOR_TYPES = (*_ROW, "uuid", "uuid", "uuid", "bytea", "bytea", "bytea")

_REMOVE_VECTORS = """
DELETE FROM knowledge_chunkvector
WHERE chunk_id IN (SELECT id FROM knowledge_chunk WHERE document_id = ANY(%s))
RETURNING space_id, lexical
"""


@dataclass(frozen=True, slots=True)
class Passages:
    """A document's passages with all that is stored of them, in step."""

    pieces: Sequence[Piece]
    vectors: NDArray[np.float32]
    weights: Sequence[dict[int, float]]


def add(space: EmbeddingSpace, read: Sequence[tuple[Document, Passages]]) -> None:
    """Write the passages of documents of one tenant."""
    rows = [(document, [uuid7() for _ in passages.pieces], passages) for document, passages in read]
    chunks = (chunk_rows(document, ids, passages.pieces) for document, ids, passages in rows)
    copy(CHUNKS, CHUNK_TYPES, chain.from_iterable(chunks))
    vectors = (vector_rows(document, space, ids, passages) for document, ids, passages in rows)
    copy(VECTORS, VECTOR_TYPES, chain.from_iterable(vectors))
    counting.note(space, chain.from_iterable(passages.weights for _, passages in read), sign=1)


def remove(document_ids: Sequence[UUID]) -> list[UUID]:
    """Remove the passages of these documents; the spaces whose counts that changes."""
    held: dict[UUID, list[NDArray[np.int32]]] = {}
    # The driver's plain cursor: Django's own gives no binary answers.
    with psycopg.Cursor(_connection()) as cursor:
        cursor.execute(_REMOVE_VECTORS, [list(document_ids)], binary=True)
        for space_id, weights in cursor:
            held.setdefault(space_id, []).append(_terms(weights))
        cursor.execute(
            "DELETE FROM knowledge_chunk WHERE document_id = ANY(%s)", [list(document_ids)]
        )
    for space in EmbeddingSpace.unscoped.filter(pk__in=held):
        counting.note(space, held[space.pk], sign=-1)
    return list(held)


def copy(statement: str, types: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write rows with one of the COPY statements above."""
    with _connection().cursor() as cursor, cursor.copy(statement) as target:
        target.set_types(types)
        for row in rows:
            target.write_row(row)


def _connection() -> psycopg.Connection[Any]:
    """The driver's own connection, in Django's transaction."""
    connection.ensure_connection()
    return cast("psycopg.Connection[Any]", connection.connection)


def chunk_rows(
    document: Document, ids: Sequence[UUID], pieces: Sequence[Piece]
) -> Iterator[tuple[Any, ...]]:
    """For CHUNKS."""
    now = timezone.now()
    for pk, piece in zip(ids, pieces, strict=True):
        yield (
            *(pk, document.tenant_id, now, now, document.pk),
            *(piece.position, piece.page, piece.heading, piece.text, piece.tokens),
        )


def vector_rows(
    document: Document, space: EmbeddingSpace, ids: Sequence[UUID], passages: Passages
) -> Iterator[tuple[Any, ...]]:
    """For VECTORS."""
    now = timezone.now()
    found = codes.codes(passages.vectors)
    rows = zip(ids, passages.vectors, found, passages.weights, strict=True)
    for chunk_id, vector, code, weights in rows:
        yield (
            *(uuid7(), document.tenant_id, now, now, chunk_id, space.pk, document.source_id),
            HalfVector(vector).to_binary(),
            codes.as_binary(code),
            _sparse(weights),
        )


def _sparse(weights: Mapping[int, float]) -> bytes:
    """pgvector's binary form of a sparse vector: three numbers, the places, the values."""
    count = len(weights)
    places = np.fromiter(weights.keys(), dtype=np.int32, count=count)
    values = np.fromiter(weights.values(), dtype=np.float32, count=count)
    order = places.argsort()
    head = np.array([lexical.DIMENSIONS, count, 0], dtype=">i4").tobytes()
    return head + places[order].astype(">i4").tobytes() + values[order].astype(">f4").tobytes()


def _terms(weights: bytes) -> NDArray[np.int32]:
    """The dimensions of a sparse vector in pgvector's binary form."""
    count = int.from_bytes(weights[4:8])
    return np.frombuffer(weights, dtype=">i4", count=count, offset=12).astype(np.int32)
