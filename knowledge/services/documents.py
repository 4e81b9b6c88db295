"""Putting documents in, trying again, taking them out."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.core.files.uploadedfile import UploadedFile

from knowledge.models import Document, Source
from tenants.access import Access
from tenants.models import Job


class Upload(NamedTuple):
    """What became of one file."""

    document: Document
    job: Job
    # False where the source had the same content already: then it is that document and its job.
    is_new: bool


def upload_documents(
    access: Access, source: Source, files: Iterable[UploadedFile]
) -> list[Upload]:
    """Take files in; each becomes a document and a job that reads it."""
    raise NotImplementedError


def add_text(access: Access, source: Source, *, name: str, text: str) -> Upload:
    """Take typed text in as a document."""
    raise NotImplementedError


def replace_document(access: Access, document: Document, file: UploadedFile) -> Job:
    """Read a new file for a document. Its present passages are found until the new ones are."""
    raise NotImplementedError


def retry_document(access: Access, document: Document) -> Job:
    """Read the document's newest file again, after a failure or to index it anew."""
    raise NotImplementedError


def delete_document(access: Access, document: Document) -> None:
    """Remove it with its passages and files; work on it is cancelled."""
    raise NotImplementedError
