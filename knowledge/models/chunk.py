"""Passages, and what search reads of them."""

from __future__ import annotations

from django.db import models
from pgvector.django import BitField, HalfVectorField, SparseVectorField

from knowledge import codes, lexical
from knowledge.models.document import Document
from knowledge.models.source import Source
from knowledge.models.space import DIMENSIONS, EmbeddingSpace
from tenants.models import TenantForeignKey, TenantOwned
from tenants.rules import Inherited


class Chunk(TenantOwned):
    """A passage of a document's current version: what is found, shown and cited.

    Passages of earlier versions are removed in the transaction that brings the new ones, so every
    row here may be found.
    """

    access_rule = Inherited("document")

    document = TenantForeignKey(Document, models.CASCADE, related_name="chunks", db_index=False)
    position = models.PositiveIntegerField()
    page = models.PositiveIntegerField(null=True)
    # The headings above it, outermost first: "Leave › Parental leave".
    heading = models.TextField(blank=True)
    text = models.TextField()
    tokens = models.PositiveIntegerField()

    class Meta(TenantOwned.Meta):
        verbose_name = "passage"
        constraints = [
            models.UniqueConstraint(fields=["document", "position"], name="chunk_position")
        ]

    def __str__(self) -> str:
        return f"{self.document}, {self.place}"

    def get_absolute_url(self) -> str:
        return self.page_url("knowledge:chunk-detail")

    @property
    def place(self) -> str:
        """Where in its document it stands, as people say it."""
        return f"page {self.page}" if self.page else f"passage {self.position + 1}"


class ChunkVector(TenantOwned):
    """What search reads of one passage in one embedding space, in one narrow row."""

    access_rule = Inherited("chunk")

    chunk = TenantForeignKey(Chunk, models.CASCADE, related_name="vectors", db_index=False)
    space = TenantForeignKey(EmbeddingSpace, models.CASCADE, related_name="vectors", db_index=False)
    source = TenantForeignKey(Source, models.CASCADE, related_name="+", db_index=False)
    embedding = HalfVectorField(dimensions=DIMENSIONS)
    # A stand-in for the embedding: see `knowledge.codes`.
    code = BitField(length=codes.BITS)
    # Saturated term frequencies: their inner product with the query's weights is BM25.
    lexical = SparseVectorField(dimensions=lexical.DIMENSIONS)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["chunk", "space"], name="vector_of_chunk_in_space")
        ]
        indexes = [
            # Read alone, never the rows: a tenant's codes lie side by side in it.
            models.Index(
                fields=["tenant", "space", "source"], include=["id", "code"], name="vector_codes"
            )
        ]

    def __str__(self) -> str:
        return f"{self.chunk} in {self.space}"
