"""A collection of passages in many tenants, made once and kept.

Texts are drawn from topics over the real words of the embedding model's vocabulary, so that both
their vectors and their word counts are distributed as those of texts are. Of the million passages
20,000 are embedded; the rest are near copies of their vectors, since nearness is all that search
sees. Documents of all tenants come in turn, as they would in life, so a tenant's rows are
scattered.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection, transaction

from benchmarks import text
from knowledge import counting, embedding, lexical, spaces, storing
from knowledge.chunking import Piece, tokens_in
from knowledge.models import ChunkVector, Document, DocumentVersion, EmbeddingSpace, Source
from knowledge.storing import Passages
from tenants.access import Access
from tenants.ids import uuid7
from tenants.models import Tenant, User
from tenants.services import create_tenant

PER_DOCUMENT = 10
_DISTINCT = 20_000
_BATCH = 200  # documents


@dataclass(frozen=True, slots=True)
class Home:
    """A tenant with one source."""

    access: Access
    source: Source
    space: EmbeddingSpace


def home(slug: str) -> Home:
    """The tenant with this slug, made where it is missing."""
    owner, _ = User.objects.get_or_create(email=f"owner@{slug}.example")
    tenant = Tenant.objects.filter(slug=slug).first()
    if tenant is None:
        tenant = create_tenant(slug=slug, name=slug, owner=owner)
    return Home(Access.of(owner, slug), source(tenant, "Collection"), spaces.current(tenant.pk))


def source(tenant: Tenant, name: str) -> Source:
    """The tenant's source with this name, made where it is missing."""
    found, _ = Source.unscoped.get_or_create(tenant=tenant, name=name)
    return found


def many_tenants(tenants: int, per_tenant: int) -> list[Home]:
    """Tenants that have at least this many passages each."""
    homes = [home(f"many-{number}") for number in range(tenants)]
    missing = {
        number: (per_tenant - _passages_of(found)) // PER_DOCUMENT
        for number, found in enumerate(homes)
    }
    turns = [number for number, documents in missing.items() for _ in range(documents)]
    if turns:
        random.Random(1).shuffle(turns)
        _fill(homes, turns)
    return homes


def _passages_of(found: Home) -> int:
    return ChunkVector.unscoped.filter(tenant=found.access.tenant, space=found.space).count()


def _fill(homes: list[Home], turns: list[int]) -> None:
    print(f"making {len(turns) * PER_DOCUMENT:,} passages, once …", flush=True)
    stock = _stock(min(_DISTINCT, len(turns) * PER_DOCUMENT), homes[0].space.average_length)
    terms: dict[int, list[dict[int, float]]] = {}
    for start in range(0, len(turns), _BATCH):
        some = [(number, next(stock)) for number in turns[start : start + _BATCH]]
        with transaction.atomic():
            _add_documents([(homes[number], passages) for number, passages in some])
        for number, passages in some:
            terms.setdefault(number, []).extend(passages.weights)
    for number, weights in terms.items():
        counting.note(homes[number].space, weights, sign=1)
    counting.settle_all()
    settle_storage()


def _add_documents(given: list[tuple[Home, Passages]]) -> None:
    """What storing does of one document, for many at once."""
    documents = [
        Document(
            tenant=where.access.tenant,
            source=where.source,
            name="A document",
            status=Document.Status.READY,
            chunk_count=len(passages.pieces),
        )
        for where, passages in given
    ]
    versions = [DocumentVersion(tenant=row.tenant, document=row) for row in documents]
    for row, version in zip(documents, versions, strict=True):
        row.current_version = version
    Document.unscoped.bulk_create(documents)
    DocumentVersion.unscoped.bulk_create(versions)
    chunks: list[tuple[Any, ...]] = []
    vectors: list[tuple[Any, ...]] = []
    for row, (where, passages) in zip(documents, given, strict=True):
        ids = [uuid7() for _ in passages.pieces]
        chunks += storing.chunk_rows(row, ids, passages.pieces)
        vectors += storing.vector_rows(row, where.space, ids, passages)
    storing.copy(storing.CHUNKS, storing.CHUNK_TYPES, chunks)
    storing.copy(storing.VECTORS, storing.VECTOR_TYPES, vectors)


def _stock(distinct: int, average_length: float) -> Iterator[Passages]:
    """Documents without end."""
    random_numbers = np.random.default_rng(1)
    texts = text.passages(distinct)
    vectors = embedding.embed(texts)
    weights = [lexical.passage_weights(words, average_length) for words in texts]
    while True:
        rows = random_numbers.integers(0, distinct, PER_DOCUMENT)
        near = vectors[rows] + random_numbers.normal(0, 0.02, (PER_DOCUMENT, vectors.shape[1]))
        near /= np.linalg.norm(near, axis=1, keepdims=True)
        yield Passages(
            [_piece(position, texts[row]) for position, row in enumerate(rows)],
            near.astype(np.float32),
            [weights[row] for row in rows],
        )


def _piece(position: int, words: str) -> Piece:
    return Piece(position, position + 1, "A heading", words, tokens_in(words))


def settle_storage() -> None:
    """What autovacuum does within minutes."""
    with connection.cursor() as cursor:
        cursor.execute(
            "VACUUM (ANALYZE) knowledge_chunkvector, knowledge_chunk, knowledge_document"
        )
        cursor.execute("VACUUM (ANALYZE) knowledge_term")
