"""Sources: the list, making, reading, changing and deleting one, and putting documents in."""

from __future__ import annotations

from functools import partial
from operator import attrgetter

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from knowledge import reading, services
from knowledge.forms import DocumentFilters, SourceFilters, SourceForm, TextForm, UploadForm
from knowledge.models import Source
from knowledge.views.documents import LIST as DOCUMENTS
from tenants import bulk, usage
from tenants.access import Access
from tenants.bulk import Act, Listed
from tenants.downloads import export_page
from tenants.lists import ListPage
from tenants.pages import (
    form_status,
    object_page,
    paginate,
    render_page,
    submitted,
    tenant_page,
)
from tenants.views.saved_views import with_saved_views

SORTS = {"name": "name", "changed": "updated_at", "created": "created_at"}
DOCUMENT_SORTS = {"name": "name", "size": "byte_size", "added": "created_at"}


LIST = ListPage(
    "sources",
    "knowledge:source-list",
    SourceFilters,
    reading.visible_sources,
    columns=lambda access, sources: sources.with_counts(),
)


@tenant_page("GET")
@with_saved_views(LIST)
def source_list(request: HttpRequest, access: Access) -> HttpResponse:
    filters, listing = LIST.shown(access, request.GET)
    page = paginate(request, listing, sorts=SORTS, default="-created")
    context = {"access": access, "page": page, "filters": filters}
    return render_page(request, "knowledge/source_list.html", context, partial="results")


COLUMNS = {
    "id": attrgetter("pk"),
    "name": attrgetter("name"),
    "kind": attrgetter("kind"),
    "description": attrgetter("description"),
    "restricted": attrgetter("is_restricted"),
    "changed_at": attrgetter("updated_at"),
    "created_at": attrgetter("created_at"),
}
source_export = export_page(LIST, COLUMNS)
bulk.declare(
    Listed(
        page=LIST,
        model=Source,
        noun="source",
        nouns="sources",
        acts=(
            Act(
                "delete",
                "Delete",
                "trash",
                "Their documents, the passages and the files are deleted with them. This can’t be "
                "undone.",
                "deleted",
                right="manage",
                do=partial(services.delete_source, force=True),
                needs="manage_knowledge",
            ),
        ),
    )
)


@tenant_page("GET", "POST", needs="change_knowledge")
def source_create(request: HttpRequest, access: Access) -> HttpResponse:
    form = SourceForm(**submitted(request), access=access)
    if form.is_valid():
        source = services.create_source(access, **form.cleaned_data)
        messages.success(request, f"{source} was created. Put documents into it now.")
        return redirect(source)
    return _form_page(request, access, form)


@object_page(Source, "view", "GET")
@with_saved_views(DOCUMENTS)
def source_detail(request: HttpRequest, access: Access, source: Source) -> HttpResponse:
    """The documents; those that are being read renew their rows (source_progress)."""
    source = reading.opened_source(access, source)
    filters = DocumentFilters(request.GET, access=access)
    rows = filters.narrow(reading.documents_of(access, source))
    page = paginate(request, rows, sorts=DOCUMENT_SORTS, default="-added")
    context = {
        "access": access,
        "source": source,
        "page": page,
        "filters": filters,
        "unfinished": [row for row in page.rows if row.is_unfinished],
        "max_bytes": settings.UPLOAD_MAX_BYTES,
        **_users(access, source),
    }
    return render_page(request, "knowledge/source_detail.html", context, partial="results")


@object_page(Source, "view", "GET")
def source_progress(request: HttpRequest, access: Access, source: Source) -> HttpResponse:
    """The rows of the documents that were still being read, as they are now."""
    source = reading.opened_source(access, source)
    asked = request.GET.getlist("document")[:200]
    rows = reading.among(reading.documents_of(access, source), asked)
    unfinished = [row for row in rows if row.is_unfinished]
    context = {"access": access, "source": source, "rows": rows, "unfinished": unfinished}
    return render(request, "knowledge/source_progress.html", context)


@object_page(Source, "change", "GET", "POST")
def source_edit(request: HttpRequest, access: Access, source: Source) -> HttpResponse:
    form = SourceForm(**submitted(request), instance=source, access=access)
    if form.is_valid():
        source = services.update_source(access, source, **form.cleaned_data)
        messages.success(request, f"{source} was saved.")
        return redirect(source)
    return _form_page(request, access, form, source)


@object_page(Source, "manage", "POST")
def source_delete(request: HttpRequest, access: Access, source: Source) -> HttpResponse:
    # The confirmation has named the agents that use it.
    services.delete_source(access, source, force=True)
    messages.success(request, f"{source} was deleted with its documents.")
    return redirect("knowledge:source-list", access.tenant.slug)


@object_page(Source, "upload", "GET", "POST")
def source_upload(request: HttpRequest, access: Access, source: Source) -> HttpResponse:
    """Files of the picker; static/js/upload.js sends them one by one and wants a line for each."""
    form = UploadForm(**submitted(request))
    context = {"access": access, "source": source, "form": form}
    if not form.is_valid():
        status = form_status(form)
        return render_page(request, "knowledge/upload_form.html", context, status=status)
    uploads = services.upload_documents(access, source, form.cleaned_data["files"])
    if request.headers.get("HX-Request") == "true":
        return render(request, "knowledge/uploaded.html", {**context, "uploads": uploads})
    for upload in uploads:
        _tell(request, upload)
    return redirect(source)


@object_page(Source, "upload", "GET", "POST")
def text_create(request: HttpRequest, access: Access, source: Source) -> HttpResponse:
    form = TextForm(**submitted(request))
    if form.is_valid():
        upload = services.add_text(access, source, **form.cleaned_data)
        _tell(request, upload)
        return redirect(upload.document)
    context = {"access": access, "source": source, "form": form}
    return render_page(request, "knowledge/text_form.html", context, status=form_status(form))


# ── Beneath ───────────────────────────────────────────────────────────────────────────────────


def _form_page(
    request: HttpRequest, access: Access, form: SourceForm, source: Source | None = None
) -> HttpResponse:
    opened = reading.opened_source(access, source) if source else None
    context = {"access": access, "form": form, "source": opened, **_users(access, opened)}
    template = "knowledge/source_form.html"
    return render_page(request, template, context, status=form_status(form))


def _users(access: Access, source: Source | None) -> dict[str, object]:
    """The agents that a deletion would take the source from, for those who may delete it."""
    may_manage = getattr(source, "may_manage", False)
    return {"users": usage.users_of(access, source) if source and may_manage else []}


def _tell(request: HttpRequest, upload: services.Upload) -> None:
    if upload.is_new:
        messages.success(request, f"“{upload.document}” is being read.")
    else:
        messages.info(request, f"“{upload.document}” has this content already.")
