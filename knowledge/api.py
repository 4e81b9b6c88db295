"""The API of knowledge: sources, documents, uploads and search."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import File, Form, Query, Status
from ninja.files import UploadedFile

from knowledge import services
from knowledge.models import Document, Source
from knowledge.models.source import SourceQuerySet
from knowledge.retrieval import Retrieval, retrieve
from knowledge.schemas import (
    DocumentFilters,
    DocumentOut,
    SearchIn,
    SearchOut,
    SourceChanges,
    SourceFilters,
    SourceIn,
    SourceOut,
    TextIn,
    UploadOut,
    UploadsOut,
)
from tenants.access import Access
from tenants.api import ApiRequest, IfMatch, Problems, Router, created
from tenants.models import Job
from tenants.noting import note_seen
from tenants.schemas import JobOut, ProblemOut
from tenants.sharing_api import add_sharing
from tenants.versions import from_if_match

router = Router(tags=["knowledge"])
add_sharing(router, Source, "knowledge_id")


# ── Search and upload ─────────────────────────────────────────────────────────────────────────


@router.post("/search", response={200: SearchOut, **Problems}, summary="Search knowledge")
def search_knowledge(request: ApiRequest, payload: SearchIn) -> Retrieval:
    """The passages that fit a question best, of the sources that this key may see. The id of a
    source that it may not see is a 404."""
    access = request.auth
    ids = payload.source_ids
    if ids is not None:
        ids = [access.get(Source, source_id).pk for source_id in dict.fromkeys(ids)]
    found = retrieve(
        access, payload.query, source_ids=ids, limit=payload.limit, explain=payload.explain
    )
    note_seen(access, Source, {passage.source_id for passage in found.passages})
    return found


@router.post("/upload", response={202: UploadsOut, **Problems}, summary="Upload documents")
def upload_knowledge(
    request: ApiRequest,
    response: HttpResponse,
    knowledge_id: Form[UUID],
    files: File[list[UploadedFile]],
) -> Status[UploadsOut]:
    """Put files into a source, as multipart form data: `knowledge_id` and one or more `files`.
    Each is read by a job of its own. `Location` names the first job."""
    source = request.auth.get(Source, knowledge_id, "upload")
    uploads = services.upload_documents(request.auth, source, files)
    return _accepted(response, uploads)


# ── Sources ───────────────────────────────────────────────────────────────────────────────────


@router.get("", response={200: list[SourceOut], **Problems}, summary="List sources")
def list_knowledge(request: ApiRequest, filters: Query[SourceFilters]) -> QuerySet[Source]:
    """The sources that this key may see, newest first unless sorted otherwise."""
    return filters.narrow(_sources(request.auth))


@router.post("", response={201: SourceOut, **Problems}, summary="Create a source")
def create_knowledge(
    request: ApiRequest, response: HttpResponse, payload: SourceIn
) -> Status[Source]:
    """A new, empty source."""
    request.auth.require("change_knowledge")
    source = services.create_source(request.auth, **payload.model_dump())
    created(response, f"/api/v1/knowledge/{source.pk}")
    return Status(201, _read(request.auth, source))


@router.get("/{uuid:knowledge_id}", response={200: SourceOut, **Problems}, summary="Read a source")
def get_knowledge(request: ApiRequest, knowledge_id: UUID) -> Source:
    """One source, and how much is in it."""
    return _read(request.auth, request.auth.get(Source, knowledge_id))


@router.patch(
    "/{uuid:knowledge_id}",
    response={200: SourceOut, **Problems, 412: ProblemOut},
    summary="Change a source",
)
def update_knowledge(
    request: ApiRequest, knowledge_id: UUID, payload: SourceChanges, if_match: IfMatch = None
) -> Source:
    """Rename, describe or restrict it. With `If-Match: "<version>"`, only if nobody else changed
    it since."""
    source = request.auth.get(Source, knowledge_id, "change")
    changes = payload.model_dump(exclude_unset=True, exclude_none=True)
    services.update_source(
        request.auth, source, expected_version=from_if_match(if_match), **changes
    )
    return _read(request.auth, source)


@router.delete(
    "/{uuid:knowledge_id}",
    response={204: None, **Problems, 409: ProblemOut},
    summary="Delete a source",
)
def delete_knowledge(request: ApiRequest, knowledge_id: UUID, force: bool = False) -> Status[None]:
    """Delete it with its documents. 409 lists the agents that use it; `?force=true` takes it away
    from them."""
    source = request.auth.get(Source, knowledge_id, "manage")
    services.delete_source(request.auth, source, force=force)
    return Status(204, None)


# ── Documents ─────────────────────────────────────────────────────────────────────────────────


@router.get(
    "/{uuid:knowledge_id}/documents",
    response={200: list[DocumentOut], **Problems},
    summary="List a source's documents",
)
def list_documents(
    request: ApiRequest, knowledge_id: UUID, filters: Query[DocumentFilters]
) -> QuerySet[Document]:
    """The documents of a source, newest first."""
    source = request.auth.get(Source, knowledge_id)
    documents = request.auth.visible(Document).filter(source=source)
    if filters.status:
        documents = documents.filter(status=filters.status)
    if filters.q:
        documents = documents.filter(name__icontains=filters.q)
    return documents


@router.post(
    "/{uuid:knowledge_id}/documents",
    response={202: UploadsOut, **Problems},
    summary="Add a text",
)
def add_document(
    request: ApiRequest, response: HttpResponse, knowledge_id: UUID, payload: TextIn
) -> Status[UploadsOut]:
    """Keep typed text as a document of the source."""
    source = request.auth.get(Source, knowledge_id, "upload")
    upload = services.add_text(request.auth, source, name=payload.name, text=payload.text)
    return _accepted(response, [upload])


@router.get(
    "/documents/{uuid:document_id}",
    response={200: DocumentOut, **Problems},
    summary="Read a document",
)
def get_document(request: ApiRequest, document_id: UUID) -> Document:
    """One document: whether it can be found yet, and why not when it failed."""
    return request.auth.get(Document, document_id)


@router.post(
    "/documents/{uuid:document_id}/retry",
    response={202: JobOut, **Problems},
    summary="Read a document again",
)
def retry_document(request: ApiRequest, response: HttpResponse, document_id: UUID) -> Status[Job]:
    """Read its file again, after a failure or to index it anew."""
    document = request.auth.get(Document, document_id, "upload")
    job = services.retry_document(request.auth, document)
    created(response, f"/api/v1/jobs/{job.pk}")
    return Status(202, job)


@router.delete(
    "/documents/{uuid:document_id}",
    response={204: None, **Problems},
    summary="Delete a document",
)
def delete_document(request: ApiRequest, document_id: UUID) -> Status[None]:
    """Delete it with its passages; work on it is cancelled."""
    document = request.auth.get(Document, document_id, "change")
    services.delete_document(request.auth, document)
    return Status(204, None)


# ── Beneath ───────────────────────────────────────────────────────────────────────────────────


def _sources(access: Access) -> SourceQuerySet:
    return cast("SourceQuerySet", access.visible(Source)).with_counts()


def _read(access: Access, source: Source) -> Source:
    return _sources(access).get(pk=source.pk)


def _accepted(response: HttpResponse, uploads: list[services.Upload]) -> Status[UploadsOut]:
    started = next((upload.job for upload in uploads if upload.job), None)
    if started:
        created(response, f"/api/v1/jobs/{started.pk}")
    items = [UploadOut.from_orm(upload) for upload in uploads]
    return Status(202, UploadsOut(items=items))
