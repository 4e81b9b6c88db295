"""Finding passages: the one function that runs, API and search page call.

Two channels look for candidates, each generously: by meaning (the nearest binary codes, read from
the covering index alone) and by words (BM25). Every candidate of either is then scored exactly in
both, and the two scores, each brought to 0…1, are mixed. Only then is anything cut off.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db import connection
from pgvector import HalfVector, SparseVector

from knowledge import codes, embedding, lexical
from knowledge.models import Source
from tenants.access import Access

# How many candidates each channel brings.
BY_MEANING = 150
BY_WORDS = 100
# The share of meaning in the mix; the rest is words'.
ALPHA = 0.25
LONGEST_QUERY = 4_000

_SPACE = """
SELECT space.id, space.chunk_total, term.term, term.chunks
FROM knowledge_embeddingspace AS space
LEFT JOIN knowledge_term AS term ON term.space_id = space.id AND term.term = ANY(%(terms)s)
WHERE space.tenant_id = %(tenant)s AND space.is_current
"""

WITHIN = "tenant_id = %(tenant)s AND space_id = %(space)s AND source_id = ANY(%(sources)s)"
# Everything that it needs stands in the covering index, so no row is read for it.
NEAR = f"""
SELECT id FROM knowledge_chunkvector WHERE {WITHIN}
ORDER BY code <~> %(code)s::bit({codes.BITS}) LIMIT %(by_meaning)s
"""  # noqa: S608  # nosec B608 - of constants
# BM25 of every passage: exact, and quick enough for tens of thousands.
WORDED = f"""
SELECT id FROM (
    SELECT id, lexical <#> %(weights)s::sparsevec AS distance
    FROM knowledge_chunkvector WHERE {WITHIN}
    ORDER BY distance LIMIT %(by_words)s
) AS nearest WHERE distance < 0
"""  # noqa: S608  # nosec B608 - of constants
_PASSAGES = f"""
WITH near AS MATERIALIZED ({NEAR}), worded AS MATERIALIZED ({WORDED}), candidate AS MATERIALIZED (
    SELECT chunk_id, source_id,
        -(embedding <#> %(vector)s::halfvec) AS dense,
        -(lexical <#> %(weights)s::sparsevec) AS lexical
    FROM knowledge_chunkvector WHERE id IN (SELECT id FROM near UNION SELECT id FROM worded)
), scored AS (
    SELECT *, count(*) OVER () AS considered,
        %(alpha)s * greatest(dense, 0) + (1 - %(alpha)s) * lexical / %(most)s AS score
    FROM candidate
), best AS (
    SELECT * FROM scored WHERE score >= %(minimum)s
    ORDER BY score DESC, chunk_id LIMIT %(limit)s
)
SELECT chunk.id, document.id, document.name, source.id, source.name, chunk.page, chunk.heading,
    chunk.text, chunk.position, best.score, best.dense, best.lexical, best.considered
FROM best
JOIN knowledge_chunk AS chunk ON chunk.id = best.chunk_id
JOIN knowledge_document AS document ON document.id = chunk.document_id
JOIN knowledge_source AS source ON source.id = best.source_id
ORDER BY best.score DESC, chunk.id
"""  # noqa: S608  # nosec B608 - of constants


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was found, and how well it fits."""

    chunk_id: UUID
    document_id: UUID
    document_name: str
    source_id: UUID
    source_name: str
    page: int | None
    heading: str
    text: str
    position: int
    # The mix of the two below, 0 to 1.
    score: float
    # By meaning: the cosine, −1 to 1. By words: BM25, from 0.
    dense_score: float
    lexical_score: float


@dataclass(frozen=True, slots=True)
class Explanation:
    """How the scores came about."""

    # What each of the query's terms counts: its inverse document frequency.
    term_weights: Mapping[str, float]
    # The highest BM25 score that these terms could reach.
    lexical_maximum: float
    alpha: float
    passages_in_space: int


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found, best first."""

    passages: list[Passage] = field(default_factory=list)
    took_ms: float = 0.0
    # How many candidates were scored in full.
    considered: int = 0
    explanation: Explanation | None = None


@dataclass(frozen=True, slots=True)
class _Query:
    """The query in the form that each channel wants."""

    space_id: UUID
    passages_in_space: int
    terms: Sequence[str]
    weights: Mapping[int, float]

    @property
    def lexical_maximum(self) -> float:
        return sum(self.weights.values()) * (lexical.K1 + 1) or 1.0


def retrieve(
    access: Access,
    query: str,
    *,
    source_ids: Collection[UUID] | None = None,
    limit: int = 8,
    minimum_score: float = 0.0,
    explain: bool = False,
) -> Retrieval:
    """The passages that answer a query best, of the sources that this principal may see.

    `source_ids` narrows further; the id of a source that may not be seen finds nothing.
    """
    started = time.perf_counter()
    query = query.replace("\x00", " ")[:LONGEST_QUERY]
    sources = _sources(access, source_ids)
    prepared = _prepared(access, query) if sources and query.strip() else None
    if prepared is None:
        return Retrieval(took_ms=_since(started))
    rows = _search(access, query, prepared, sources, limit, minimum_score)
    return Retrieval(
        passages=[Passage(*row[:-1]) for row in rows],
        took_ms=_since(started),
        considered=rows[0][-1] if rows else 0,
        explanation=_explanation(prepared) if explain else None,
    )


def _since(started: float) -> float:
    return (time.perf_counter() - started) * 1000


def _sources(access: Access, source_ids: Collection[UUID] | None) -> list[UUID]:
    rows = access.visible(Source)
    if source_ids is not None:
        rows = rows.filter(pk__in=source_ids)
    return list(rows.values_list("pk", flat=True))


def _prepared(access: Access, query: str) -> _Query | None:
    """The query in the tenant's current space; None where nothing was ever indexed."""
    terms = lexical.terms(query)
    ids = [lexical.term_id(term) for term in terms]
    with connection.cursor() as cursor:
        cursor.execute(_SPACE, {"tenant": access.tenant.pk, "terms": ids})
        rows = cursor.fetchall()
    if not rows:
        return None
    space_id, total = rows[0][:2]
    holding = {term: chunks for _, _, term, chunks in rows if term is not None}
    return _Query(space_id, total, terms, lexical.query_weights(terms, total, holding))


def _search(
    access: Access,
    query: str,
    prepared: _Query,
    sources: Sequence[UUID],
    limit: int,
    minimum_score: float,
) -> list[tuple[Any, ...]]:
    vector = embedding.embed([query])[0]
    with connection.cursor() as cursor:
        cursor.execute(
            _PASSAGES,
            {
                "tenant": access.tenant.pk,
                "space": prepared.space_id,
                "sources": list(sources),
                "code": codes.as_text(codes.codes(vector[None])[0]),
                "vector": HalfVector(vector).to_text(),
                "weights": SparseVector(dict(prepared.weights), lexical.DIMENSIONS).to_text(),
                "most": prepared.lexical_maximum,
                "alpha": ALPHA,
                "by_meaning": max(BY_MEANING, limit),
                "by_words": max(BY_WORDS, limit),
                "limit": limit,
                "minimum": minimum_score,
            },
        )
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows


def _explanation(prepared: _Query) -> Explanation:
    return Explanation(
        term_weights={
            term: prepared.weights[lexical.term_id(term)] for term in dict.fromkeys(prepared.terms)
        },
        lexical_maximum=prepared.lexical_maximum,
        alpha=ALPHA,
        passages_in_space=prepared.passages_in_space,
    )
