"""Sources, documents and passages with all that their pages say of them, in few queries."""

from __future__ import annotations

from collections.abc import Collection
from typing import cast
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from knowledge.models import Chunk, Document, Source
from knowledge.models.source import SourceQuerySet
from tenants.access import Access


def visible_sources(access: Access) -> SourceQuerySet:
    """The sources that this person may see, with knowledge's own query set."""
    return cast("SourceQuerySet", access.visible(Source))


def opened_source(access: Access, source: Source) -> Source:
    """The source with its counts, and `may_upload`, `may_change`, `may_manage` of this person."""
    may = {
        f"may_{action}": Exists(access.visible(Source, action).filter(pk=OuterRef("pk")))
        for action in ("upload", "change", "manage")
    }
    rows = visible_sources(access).with_counts().select_related("created_by")
    return rows.annotate(**may).get(pk=source.pk)


def opened_document(access: Access, document: Document) -> Document:
    """The document with its source and its job, and `may_upload`, `may_change` of this person."""
    may = {
        f"may_{action}": Exists(access.visible(Document, action).filter(pk=OuterRef("pk")))
        for action in ("upload", "change")
    }
    rows = access.visible(Document).select_related("source", "job", "current_version")
    return rows.annotate(**may).get(pk=document.pk)


def documents_of(access: Access, source: Source) -> QuerySet[Document]:
    """A source's documents with the work on them."""
    return access.visible(Document).filter(source=source).select_related("job", "source")


def among(documents: QuerySet[Document], ids: Collection[str]) -> list[Document]:
    """Those of the documents whose ids somebody sent; what is no id finds nothing."""
    return list(documents.filter(pk__in=[UUID(pk) for pk in ids if _is_uuid(pk)]))


def surroundings(access: Access, chunk: Chunk, reach: int = 1) -> list[Chunk]:
    """The passage between its neighbours, in reading order."""
    near = range(max(0, chunk.position - reach), chunk.position + reach + 1)
    rows = access.visible(Chunk).filter(document_id=chunk.document_id, position__in=near)
    return list(rows.order_by("position"))


def _is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
