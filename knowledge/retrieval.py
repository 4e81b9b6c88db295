"""Finding passages: the one function that runs, API and search page call."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from tenants.access import Access


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage that was found, and how well it fits (0 to 1)."""

    chunk_id: UUID
    document_id: UUID
    document_name: str
    source_id: UUID
    source_name: str
    page: int | None
    heading: str
    text: str
    position: int
    score: float
    # How it fits by meaning (cosine) and by words (BM25).
    dense_score: float
    lexical_score: float


@dataclass(frozen=True, slots=True)
class Retrieval:
    """What was found, best first."""

    passages: list[Passage]
    took_ms: float
    # How many passages were compared in full.
    considered: int


def retrieve(
    access: Access,
    query: str,
    *,
    source_ids: Collection[UUID] | None = None,
    limit: int = 8,
    minimum_score: float = 0.0,
) -> Retrieval:
    """The passages that answer a query best, of the sources that this principal may see.

    `source_ids` narrows further; an id that may not be seen finds nothing.
    """
    raise NotImplementedError
