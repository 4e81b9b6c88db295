"""One document: its passages, its file, and what can be done with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from knowledge import reading, services
from knowledge.forms import DocumentFilters, ReplaceForm
from knowledge.models import Chunk, Document, Source
from tenants import bulk
from tenants.access import Access
from tenants.bulk import Act, Listed
from tenants.lists import ListPage
from tenants.models import Job
from tenants.pages import (
    form_status,
    object_page,
    paginate,
    render_page,
    submitted,
)
from tenants.services import cancel_job

# A file is whatever somebody uploaded, so no browser may take it for a page of ours.
DOWNLOAD_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


def _source(access: Access, query: Mapping[str, str]) -> Source:
    """Whose documents are listed. Raises Http404."""
    try:
        return access.get(Source, UUID(query.get("source", "")))
    except ValueError as error:
        raise Http404("No such source.") from error


class SourceList(ListPage):
    """Documents are listed on the page of their source, which the query names."""

    within = "source"

    def narrowed(self, access: Access, query: QueryDict) -> tuple[Any, Any]:
        filters, rows = ListPage.narrowed(self, access, query)
        return filters, rows.filter(source=_source(access, query))

    def address(self, access: Access, query: Mapping[str, str]) -> str:
        return _source(access, query).get_absolute_url()


LIST = SourceList(
    "documents",
    "knowledge:source-detail",
    DocumentFilters,
    lambda access: access.visible(Document),
)
bulk.declare(
    Listed(
        page=LIST,
        model=Document,
        noun="document",
        nouns="documents",
        acts=(
            Act(
                "retry",
                "Read again",
                "retry",
                "Each one’s newest file is read anew, whether that went wrong before or not. What "
                "is found now is found until then.",
                "put in line to be read again",
                right="upload",
                do=services.retry_document,
                is_danger=False,
            ),
            Act(
                "delete",
                "Delete",
                "trash",
                "Their passages and their files are deleted with them. This can’t be undone.",
                "deleted",
                right="change",
                do=services.delete_document,
            ),
        ),
    )
)


@object_page(Document, "view", "GET")
def document_detail(request: HttpRequest, access: Access, document: Document) -> HttpResponse:
    document = reading.opened_document(access, document)
    passages = access.visible(Chunk).filter(document=document)
    page = paginate(request, passages, sorts={"position": "position"}, default="position", size=20)
    versions = document.versions.order_by("-number")[:20]
    context = {"access": access, "document": document, "page": page, "versions": versions}
    return render_page(request, "knowledge/document_detail.html", context, partial="content")


@object_page(Document, "view", "GET")
def document_file(
    request: HttpRequest, access: Access, document: Document, number: int
) -> FileResponse:
    """The file as it was uploaded, to be saved and never to be shown in the browser."""
    version = document.versions.filter(number=number).exclude(file="").first()
    if version is None:
        raise Http404("This file is not kept any more.")
    file = version.file.open("rb")
    answer = FileResponse(
        file,
        as_attachment=True,
        filename=document.name,
        content_type="application/octet-stream",
    )
    for name, value in DOWNLOAD_HEADERS.items():
        answer.headers[name] = value
    return answer


@object_page(Document, "upload", "GET", "POST")
def document_replace(request: HttpRequest, access: Access, document: Document) -> HttpResponse:
    form = ReplaceForm(**submitted(request))
    if form.is_valid():
        services.replace_document(access, document, form.cleaned_data["file"])
        messages.success(request, "The new file is being read. Until then the old one is found.")
        return redirect(document)
    context: dict[str, Any] = {"access": access, "document": document, "form": form}
    return render_page(
        request, "knowledge/document_replace.html", context, status=form_status(form)
    )


@object_page(Document, "upload", "POST")
def document_retry(request: HttpRequest, access: Access, document: Document) -> HttpResponse:
    services.retry_document(access, document)
    messages.success(request, f"“{document}” is being read again.")
    return redirect(_back(request, document))


@object_page(Document, "upload", "POST")
def document_cancel(request: HttpRequest, access: Access, document: Document) -> HttpResponse:
    if document.job_id:
        cancel_job(access, access.get(Job, document.job_id, "manage"))
        messages.success(request, f"Reading “{document}” is being cancelled.")
    return redirect(_back(request, document))


@object_page(Document, "change", "POST")
def document_delete(request: HttpRequest, access: Access, document: Document) -> HttpResponse:
    source = document.source
    services.delete_document(access, document)
    messages.success(request, f"“{document}” was deleted.")
    return redirect(source)


def _back(request: HttpRequest, document: Document) -> Document | str:
    """Acts of a list lead back to it, those of the document's own page to that."""
    return document.source.get_absolute_url() if "from-list" in request.POST else document
