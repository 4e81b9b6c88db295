"""Reading a document's newest file into passages that are found: the work of an ingest job.

Everything is prepared outside of transactions. The new passages, the removal of the old ones, the
document's state and the end of the job are then one transaction under the job's fence; whatever
is killed before it has changed nothing, and whoever lost the lease can't begin it.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from django.conf import settings
from django.core.files.storage import default_storage
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
from tenants.jobs import JobFailed, Lease
from tenants.models import Job

# Passages that are embedded between two looks at the lease.
_BATCH = 256


def ingest(lease: Lease) -> None:
    """Index the version that the job names. Raises JobFailed with a cause for people."""
    version = _wanted_version(lease)
    try:
        extracted = _extracted(lease, version)
        pieces = _pieces(extracted)
    except Unreadable as why:
        raise JobFailed(causes.sentence(why, version.document.name), code=why.code) from why
    space = spaces.current(version.tenant_id)
    passages = _passages(lease, pieces, space)
    with lease.finishing():
        _replace(version, space, passages, extracted)
    counting.settle_if_due(space.pk)


def mark_failed(job: Job) -> None:
    """Let the document tell why its job ended without success."""
    Document.unscoped.filter(tenant_id=job.tenant_id, job=job).update(
        status=Document.Status.FAILED,
        cause=job.cause,
        cause_code=job.cause_code,
        updated_at=timezone.now(),
    )


def _wanted_version(lease: Lease) -> DocumentVersion:
    version = (
        DocumentVersion.unscoped.select_related("document")
        .filter(tenant_id=lease.job.tenant_id, pk=lease.payload["version"])
        .first()
    )
    if version is None:
        raise JobFailed("The document was deleted.", code="deleted")
    if version.document.job_id != lease.job.pk:
        raise JobFailed("A newer job reads this document.", code="superseded")
    return version


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


def _replace(
    version: DocumentVersion, space: EmbeddingSpace, passages: Passages, extracted: Extracted
) -> None:
    document = Document.unscoped.select_for_update(of=("self",)).get(pk=version.document_id)
    if document.current_version_id:
        storing.remove([document.pk])
    storing.add(document, space, passages)
    document.current_version = version
    document.status = Document.Status.READY
    document.cause = document.cause_code = ""
    document.media_type = extracted.media_type
    document.page_count = extracted.page_count
    document.chunk_count = len(passages.pieces)
    document.save()
    if version.number > 1:
        _forget_earlier_files(version)


def _forget_earlier_files(version: DocumentVersion) -> None:
    earlier = DocumentVersion.unscoped.filter(
        document_id=version.document_id, number__lt=version.number
    ).exclude(file="")
    remove_later([str(row.file) for row in earlier])
    earlier.update(file="", updated_at=timezone.now())
