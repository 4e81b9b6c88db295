"""Knowledge's tables."""

from knowledge.models.chunk import Chunk, ChunkVector
from knowledge.models.document import Document, DocumentVersion
from knowledge.models.source import Source, SourceRoleGrant, SourceUserGrant
from knowledge.models.space import EmbeddingSpace, Term, TermDelta

__all__ = [
    "Chunk",
    "ChunkVector",
    "Document",
    "DocumentVersion",
    "EmbeddingSpace",
    "Source",
    "SourceRoleGrant",
    "SourceUserGrant",
    "Term",
    "TermDelta",
]
