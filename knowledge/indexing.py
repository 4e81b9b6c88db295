"""Reading a document's newest file into passages that are found: the work of an ingest job.

Everything is prepared outside of transactions. The new passages, the removal of the old ones, the
document's state and the end of the job are then one transaction under the job's fence; whatever
is killed before it has changed nothing, and whoever lost the lease can't begin it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import connection
from django.template.defaultfilters import filesizeformat
from django.utils import timezone

from knowledge import chunking, counting, embedding, lexical, spaces, storing
from knowledge.chunking import Piece
from knowledge.extraction import causes
from knowledge.extraction.blocks import Extracted, Limits, Unreadable
from knowledge.extraction.reading import extract
from knowledge.files import remove_later
from knowledge.models import Document, DocumentVersion, EmbeddingSpace
from knowledge.storing import Passages
from tenants.jobs import Batch, JobFailed, Lease
from tenants.models import Job

# Passages that are embedded between two looks at the lease.
_BATCH = 256


@dataclass(frozen=True, slots=True)
class Wanted:
    """The version that a job names, and where its passages go."""

    version: DocumentVersion
    space: EmbeddingSpace


@dataclass(frozen=True, slots=True)
class Read:
    """What one file became; nothing of it is written yet."""

    wanted: Wanted
    extracted: Extracted
    passages: Passages


def look_up(leases: Sequence[Lease]) -> dict[UUID, Wanted]:
    """The versions that these jobs of one tenant name, by job; without those that are gone."""
    tenant_id = leases[0].job.tenant_id
    space = spaces.current(tenant_id)
    versions = DocumentVersion.unscoped.filter(tenant_id=tenant_id).select_related("document")
    found = versions.in_bulk([lease.payload["version"] for lease in leases])
    named = {lease.job.pk: UUID(lease.payload["version"]) for lease in leases}
    return {job: Wanted(found[pk], space) for job, pk in named.items() if pk in found}


def read(lease: Lease, wanted: Wanted | None) -> Read:
    """Everything up to the writing. Raises JobFailed with a cause for people."""
    if wanted is None:
        raise JobFailed("The document was deleted.", code="deleted")
    if wanted.version.document.job_id != lease.job.pk:
        raise JobFailed("A newer job reads this document.", code="superseded")
    try:
        extracted = _extracted(lease, wanted.version)
        pieces = _pieces(extracted)
    except Unreadable as why:
        sentence = causes.sentence(why, wanted.version.document.name)
        raise JobFailed(sentence, code=why.code) from why
    return Read(wanted, extracted, _passages(lease, pieces, wanted.space))


def write(files: Sequence[Read]) -> None:
    """Put the new passages in the place of the old ones, in the caller's transaction.

    Raises Document.DoesNotExist where one is gone meanwhile.
    """
    versions = [file.wanted.version for file in files]
    before = _locked(versions)
    if before:
        storing.remove(before)
    read = [(file.wanted.version.document, file.passages) for file in files]
    storing.add(files[0].wanted.space, read)
    _mark_ready(files)
    _forget_earlier_files(versions)


def settle(files: Sequence[Read]) -> None:
    """Count the new terms, where enough wait to be counted."""
    counting.settle_if_due(files[0].wanted.space.pk)


INGEST = Batch(look_up, read, write, settle, largest=256 * 1024)


def mark_failed(job: Job) -> None:
    """Let the document tell why its job ended without success."""
    Document.unscoped.filter(tenant_id=job.tenant_id, job=job).update(
        status=Document.Status.FAILED,
        cause=job.cause,
        cause_code=job.cause_code,
        updated_at=timezone.now(),
    )


def _extracted(lease: Lease, version: DocumentVersion) -> Extracted:
    if not version.file:
        size = filesizeformat(version.byte_size)
        most = filesizeformat(settings.UPLOAD_MAX_BYTES)
        raise Unreadable("too_large", f"{size}, more than {most}")

    def on_page(done: int, total: int) -> None:
        if not done:
            lease.check()
        elif done < total:
            _tell(lease, Document.Status.EXTRACTING)
            lease.progress(done, total, "pages")

    with default_storage.open(str(version.file)) as file:
        return extract(file, limits=Limits(), on_page=on_page)


def _pieces(extracted: Extracted) -> list[Piece]:
    pieces = chunking.split(extracted.blocks)
    if not pieces:
        raise Unreadable("empty")
    return pieces


def _tell(lease: Lease, status: str) -> None:
    """Show what the worker is at; said once."""
    Document.unscoped.filter(job=lease.job).exclude(status=status).update(
        status=status, cause="", cause_code=""
    )


def _passages(lease: Lease, pieces: Sequence[Piece], space: EmbeddingSpace) -> Passages:
    vectors = np.empty((len(pieces), space.dimensions), dtype=np.float32)
    weights: list[dict[int, float]] = []
    for start in range(0, len(pieces), _BATCH):
        if start:
            _tell(lease, Document.Status.INDEXING)
            lease.progress(start, len(pieces), "passages")
        texts = [piece.indexed_text for piece in pieces[start : start + _BATCH]]
        vectors[start : start + len(texts)] = embedding.embed(texts)
        weights += [lexical.passage_weights(text, space.average_length) for text in texts]
    return Passages(pieces, vectors, weights)


def _locked(versions: Sequence[DocumentVersion]) -> list[UUID]:
    """Hold their documents; those that have passages of an earlier version."""
    ids = {version.document_id for version in versions}
    rows = Document.unscoped.select_for_update().filter(pk__in=ids).order_by("pk")
    found: list[tuple[UUID, UUID | None]] = list(rows.values_list("pk", "current_version_id"))
    if len(found) < len(ids):
        raise Document.DoesNotExist("It was deleted while it was read.")
    return [pk for pk, current in found if current]


_MARK_READY = """
UPDATE knowledge_document AS document
SET status = 'ready', cause = '', cause_code = '', updated_at = %s,
    current_version_id = made.version, media_type = made.media_type, page_count = made.pages,
    chunk_count = made.chunks
FROM unnest(%s::uuid[], %s::uuid[], %s::text[], %s::int[], %s::int[])
    AS made (document, version, media_type, pages, chunks)
WHERE document.id = made.document
"""


def _mark_ready(files: Sequence[Read]) -> None:
    rows = [
        (
            *(file.wanted.version.document_id, file.wanted.version.pk),
            *(file.extracted.media_type, file.extracted.page_count, len(file.passages.pieces)),
        )
        for file in files
    ]
    with connection.cursor() as cursor:
        cursor.execute(_MARK_READY, [timezone.now(), *map(list, zip(*rows, strict=True))])


def _forget_earlier_files(versions: Sequence[DocumentVersion]) -> None:
    for version in versions:
        if version.number == 1:
            continue
        earlier = DocumentVersion.unscoped.filter(
            document_id=version.document_id, number__lt=version.number
        ).exclude(file="")
        remove_later([str(row.file) for row in earlier])
        earlier.update(file="", updated_at=timezone.now())
