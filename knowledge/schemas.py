"""Shapes of knowledge's API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict
from pydantic.config import JsonDict

from knowledge.models.source import SourceQuerySet
from knowledge.retrieval import LONGEST_QUERY
from tenants.schemas import Changes, In, JobOut, Out

Name = Annotated[str, Field(min_length=1, max_length=120)]
Sort = Literal["created", "-created", "name", "-name"]
ORDER: dict[str, str] = {"created": "created_at", "name": "name"}
LONGEST_TEXT = 1_000_000

_ID = "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4"
_SOURCE: dict[str, Any] = {"name": "Support handbook", "description": "What the desk promises."}


_DOCUMENT: JsonDict = {
    "id": "0198f2a0-7b02-7e9c-93d1-5e6f70819203",
    "source_id": _ID,
    "name": "Refund policy.pdf",
    "media_type": "application/pdf",
    "byte_size": 182044,
    "content_hash": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "status": "ready",
    "cause": "",
    "cause_code": "",
    "page_count": 12,
    "chunk_count": 41,
    "job_id": "0198f2a2-5c1e-7d40-8f3b-2b7d9c4e1a60",
    "created_at": "2026-11-02T09:10:02Z",
    "updated_at": "2026-11-02T09:10:09Z",
}
_UPLOADS: JsonDict = {"items": [{"document": _DOCUMENT, "job": None, "is_new": False}]}
_PASSAGE: JsonDict = {
    "chunk_id": "0198f2a0-7b33-7c01-a5c2-1d2e3f405162",
    "document_id": _DOCUMENT["id"],
    "document": "Refund policy.pdf",
    "source_id": _ID,
    "source": "Support handbook",
    "page": 12,
    "heading": "Duplicates",
    "text": "A duplicate counts as our error and is refunded in full.",
    "position": 37,
    "score": 0.91,
    "dense_score": 0.62,
    "lexical_score": 14.2,
}
_FOUND: JsonDict = {"passages": [_PASSAGE], "took_ms": 7.4, "considered": 80, "explanation": None}


class SourceFilters(Schema):
    """Which sources to list, and in which order."""

    q: str | None = Field(None, max_length=200, description="Words of the name or description.")
    kind: Literal["upload", "text"] | None = None
    sort: Sort = "-created"

    def narrow(self, sources: SourceQuerySet) -> SourceQuerySet:
        """The sources that were asked for, sorted."""
        if self.q:
            sources = sources.filter(name__icontains=self.q) | sources.filter(
                description__icontains=self.q
            )
        if self.kind:
            sources = sources.filter(kind=self.kind)
        sign = "-" if self.sort.startswith("-") else ""
        return sources.order_by(f"{sign}{ORDER[self.sort.lstrip('-')]}")


class SourceIn(In):
    """A new, empty source."""

    model_config = ConfigDict(json_schema_extra={"example": _SOURCE})

    name: Name
    description: str = Field("", max_length=2000)
    kind: Literal["upload", "text"] = "upload"
    is_restricted: bool = False


class SourceChanges(Changes):
    """What to change of a source."""

    model_config = ConfigDict(json_schema_extra={"example": {"name": "Handbook 2027"}})

    name: Name | None = None
    description: str | None = Field(None, max_length=2000)
    is_restricted: bool | None = None


class SourceOut(Out):
    """A source and how much is in it."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "id": _ID,
                **_SOURCE,
                "kind": "upload",
                "is_restricted": False,
                "version": 1,
                "documents": 3,
                "passages": 41,
                "unfinished": 0,
                "failed": 0,
                "created_at": "2026-10-30T14:03:10Z",
                "updated_at": "2026-10-30T14:03:10Z",
            }
        }
    )

    id: UUID
    name: str
    description: str
    kind: Literal["upload", "text"]
    is_restricted: bool
    version: int
    documents: int = Field(alias="document_count")
    passages: int = Field(alias="passage_count")
    unfinished: int = Field(alias="unfinished_count")
    failed: int = Field(alias="failed_count")
    created_at: datetime
    updated_at: datetime


class DocumentFilters(Schema):
    """Which documents to list."""

    status: Literal["queued", "extracting", "indexing", "ready", "failed"] | None = None
    q: str | None = Field(None, max_length=200, description="Words of the name.")


class TextIn(In):
    """Typed text, to be kept as a document. Markdown headings become headings."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Opening hours", "text": "# Hours\n\n9 to 5."}}
    )

    name: str = Field(min_length=1, max_length=255)
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)


class DocumentOut(Out):
    """A file or text, and whether it can be found yet."""

    model_config = ConfigDict(json_schema_extra={"example": _DOCUMENT})

    id: UUID
    source_id: UUID
    name: str
    media_type: str
    byte_size: int
    content_hash: str
    status: Literal["queued", "extracting", "indexing", "ready", "failed"]
    cause: str
    cause_code: str
    page_count: int | None
    chunk_count: int
    job_id: UUID | None
    created_at: datetime
    updated_at: datetime


class UploadOut(Out):
    """What became of one file: its document, and the job that reads it."""

    document: DocumentOut
    job: JobOut | None
    is_new: bool = Field(description="False where the source had the same content already.")


class UploadsOut(Out):
    """What became of the files, in their order."""

    model_config = ConfigDict(json_schema_extra={"example": _UPLOADS})

    items: list[UploadOut]


class SearchIn(In):
    """A question put to the knowledge that the caller may see."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"query": "When is a duplicate charge refunded?", "limit": 3}}
    )

    query: str = Field(min_length=1, max_length=LONGEST_QUERY)
    source_ids: list[UUID] | None = Field(None, max_length=200)
    limit: int = Field(8, ge=1, le=50)
    explain: bool = False


class PassageOut(Out):
    """A passage that fits."""

    chunk_id: UUID
    document_id: UUID
    document: str = Field(alias="document_name")
    source_id: UUID
    source: str = Field(alias="source_name")
    page: int | None
    heading: str
    text: str
    position: int
    score: float
    dense_score: float
    lexical_score: float


class ExplanationOut(Out):
    """How the scores came about."""

    term_weights: dict[str, float]
    lexical_maximum: float
    alpha: float
    passages_in_space: int


class SearchOut(Out):
    """The passages, best first."""

    model_config = ConfigDict(json_schema_extra={"example": _FOUND})

    passages: list[PassageOut]
    took_ms: float
    considered: int
    explanation: ExplanationOut | None = None
