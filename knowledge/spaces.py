"""The space that a tenant's passages are embedded in."""

from __future__ import annotations

from uuid import UUID

from knowledge import embedding, lexical
from knowledge.models import EmbeddingSpace


def current(tenant_id: UUID) -> EmbeddingSpace:
    """The tenant's current space, made when it is first needed."""
    space = EmbeddingSpace.unscoped.filter(tenant_id=tenant_id, is_current=True).first()
    if space is None:
        space, _ = EmbeddingSpace.unscoped.get_or_create(
            tenant_id=tenant_id,
            provider=embedding.PROVIDER,
            model=embedding.MODEL,
            defaults={
                "dimensions": embedding.DIMENSIONS,
                "average_length": lexical.AVERAGE_LENGTH,
                "is_current": True,
            },
        )
    return space
