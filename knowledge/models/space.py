"""The spaces that passages are embedded in, and how common each term is there."""

from __future__ import annotations

from django.db import models

from tenants.models import TenantForeignKey, TenantOwned
from tenants.rules import Capability, Inherited

DIMENSIONS = 256


class EmbeddingSpace(TenantOwned):
    """One way of turning a tenant's text into vectors, with what BM25 has to know beside it."""

    access_rule = Capability("manage_knowledge", view="view_knowledge")

    provider = models.CharField(max_length=40)
    model = models.CharField(max_length=120)
    dimensions = models.PositiveIntegerField()
    is_current = models.BooleanField(default=True)
    # BM25's average passage length in terms: frozen, because every stored weight depends on it.
    average_length = models.FloatField()
    # How many passages the terms' counts cover.
    chunk_total = models.PositiveBigIntegerField(default=0, editable=False)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "provider", "model"], name="space_model"),
            models.UniqueConstraint(
                fields=["tenant"], condition=models.Q(is_current=True), name="one_current_space"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.provider} {self.model}"


class Term(TenantOwned):
    """In how many passages of a space a term stands."""

    access_rule = Inherited("space")

    space = TenantForeignKey(EmbeddingSpace, models.CASCADE, related_name="terms", db_index=False)
    term = models.IntegerField()
    chunks = models.IntegerField()

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["space", "term"], name="term_in_space")]

    def __str__(self) -> str:
        return f"{self.term}: {self.chunks}"


class TermDelta(TenantOwned):
    """A change of the counts that one document made and `Term` does not have yet."""

    access_rule = Inherited("space")

    space = TenantForeignKey(EmbeddingSpace, models.CASCADE, related_name="deltas")
    chunks = models.IntegerField()
    # Numbers of 32 bits each, in step: there are too many for a field that takes them one by one.
    terms = models.BinaryField()
    counts = models.BinaryField()

    class Meta(TenantOwned.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.chunks:+d} passages"
