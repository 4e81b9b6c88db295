"""Putting documents in, trying again, taking them out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.uploadedfile import UploadedFile

from knowledge import files as stored_files
from knowledge import removal
from knowledge.models import Document, DocumentVersion, Source
from knowledge.tasks import INGEST
from tenants import audit, jobs
from tenants.access import Access
from tenants.models import Job
from tenants.models.names import check, without_hidden

_LONGEST_NAME = 255


class Upload(NamedTuple):
    """What became of one file."""

    document: Document
    job: Job | None
    # False where the source had the same content already: then it is that document and its job.
    is_new: bool


class _Kept(NamedTuple):
    """A file in the storage; without a name where it was too large to be kept."""

    title: str
    name: str
    digest: str
    size: int


def upload_documents(
    access: Access, source: Source, files: Iterable[UploadedFile[bytes]]
) -> list[Upload]:
    """Take files in; each becomes a document and a job that reads it.

    A file that the source has already, byte for byte, is not taken twice; one that is too large
    becomes a document that fails and says so.
    """
    return _take_in(access, source, [(_title(file), file) for file in files])


def add_text(access: Access, source: Source, *, name: str, text: str) -> Upload:
    """Take typed text in as a document. Raises ValidationError for a name with hidden signs."""
    check("name", name)
    return _take_in(access, source, [(name, ContentFile(text.encode()))])[0]


def replace_document(access: Access, document: Document, file: UploadedFile[bytes]) -> Job:
    """Read a new file for a document. Its present passages are found until the new ones are."""
    kept = _keep(access, _title(file) or document.name, file)
    try:
        with audit.atomic():
            return _replace(access, document, kept)
    except BaseException:
        _discard([kept])
        raise


@audit.atomic()
def retry_document(access: Access, document: Document) -> Job:
    """Read the document's newest file again, after a failure or to index it anew.

    Where a job is at it already, it is that job.
    """
    row = _locked(access, document)
    if row.job and row.job.is_unfinished:
        return row.job
    version = row.versions.latest("number")
    audit.record(access, "document.retried", row)
    return _enqueue(access, row, version)


@audit.atomic()
def delete_document(access: Access, document: Document) -> None:
    """Remove it with its passages and files; work on it is cancelled."""
    audit.record(access, "document.deleted", document)
    removal.remove_documents([document])


# ── Taking files in ───────────────────────────────────────────────────────────────────────────


def _take_in(
    access: Access, source: Source, files: Iterable[tuple[str, File[bytes]]]
) -> list[Upload]:
    """Files first, then all rows in one transaction; what is not used in the end is removed."""
    kept: list[_Kept] = []
    try:
        kept += (_keep(access, title, file) for title, file in files)
        with audit.atomic():
            # One upload into a source at a time, so that two can't bring the same file twice.
            Source.unscoped.select_for_update(no_key=True).get(pk=source.pk)
            uploads = [_register(access, source, file) for file in kept]
    except BaseException:
        _discard(kept)
        raise
    _discard(file for file, upload in zip(kept, uploads, strict=True) if not upload.is_new)
    return uploads


def _title(file: UploadedFile[bytes]) -> str:
    """What a file is called; nobody typed the hidden signs, which may come to stand first when
    spaces go."""
    return without_hidden(" ".join((file.name or "").split()))


def _discard(kept: Iterable[_Kept]) -> None:
    stored_files.remove([file.name for file in kept if file.name])


def _keep(access: Access, title: str, file: File[bytes]) -> _Kept:
    title = " ".join(title.replace("\x00", "").split())[-_LONGEST_NAME:] or "Untitled"
    if file.size > settings.UPLOAD_MAX_BYTES:
        return _Kept(title, "", "", file.size)
    name, digest = stored_files.keep(access.tenant.pk, file)
    return _Kept(title, name, digest, file.size)


def _register(access: Access, source: Source, file: _Kept) -> Upload:
    known = _known(source, file)
    if known:
        again = known.status == Document.Status.FAILED
        return Upload(known, retry_document(access, known) if again else known.job, False)
    document = Document(
        source=source, name=file.title, byte_size=file.size, content_hash=file.digest
    )
    access.add(document)
    version = _version(document, file, 1)
    audit.record(access, "document.uploaded", document, {"byte_size": [None, file.size]})
    return Upload(document, _enqueue(access, document, version), True)


def _known(source: Source, file: _Kept) -> Document | None:
    if not file.digest:
        return None
    same = Document.unscoped.filter(source=source, content_hash=file.digest)
    return same.select_related("job").first()


def _version(document: Document, file: _Kept, number: int) -> DocumentVersion:
    return DocumentVersion.unscoped.create(
        tenant_id=document.tenant_id,
        document=document,
        number=number,
        file=file.name,
        file_hash=file.digest,
        byte_size=file.size,
    )


def _enqueue(access: Access, document: Document, version: DocumentVersion) -> Job:
    job = jobs.enqueue(
        access,
        INGEST,
        title=f"Index {document.name}",
        subject=document,
        payload={"version": str(version.pk), "bytes": str(version.byte_size)},
    )
    document.job = job
    document.status = Document.Status.QUEUED
    document.cause = document.cause_code = ""
    document.save()
    return job


# ── Changing what is there ────────────────────────────────────────────────────────────────────


def _locked(access: Access, document: Document) -> Document:
    """The document as it is now, held until the transaction ends; its job is locked before it."""
    job_id = Document.unscoped.values_list("job_id", flat=True).get(pk=document.pk)
    Job.unscoped.select_for_update(of=("self",)).filter(pk=job_id).first()
    rows = Document.unscoped.filter(tenant_id=access.tenant.pk)
    return rows.select_for_update(of=("self",)).select_related("job", "tenant").get(pk=document.pk)


def _replace(access: Access, document: Document, kept: _Kept) -> Job:
    row = _locked(access, document)
    if row.job and row.job.is_unfinished:
        jobs.cancel(row.job)
    version = _version(row, kept, row.versions.latest("number").number + 1)
    audit.record(access, "document.replaced", row, {"name": [row.name, kept.title]})
    row.name, row.byte_size, row.content_hash = kept.title, kept.size, kept.digest
    return _enqueue(access, row, version)
