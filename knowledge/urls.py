"""Pages of knowledge, under /t/<tenant>/knowledge/."""

from django.urls import path

from knowledge import reading
from knowledge.models import Source
from knowledge.views import documents, passages, sources
from tenants import usage
from tenants.views.activity import activity_tab
from tenants.views.sharing import AccessTab

app_name = "knowledge"

access_tab = AccessTab(
    Source,
    "knowledge",
    "source",
    "knowledge/source_frame.html",
    lambda access, source: {
        "source": reading.opened_source(access, source),
        "users": usage.users_of(access, source),
    },
)

urlpatterns = [
    path("", sources.source_list, name="source-list"),
    path("new/", sources.source_create, name="source-create"),
    path("export/", sources.source_export, name="source-export"),
    path("search/", passages.search, name="search"),
    path("<uuid:pk>/", sources.source_detail, name="source-detail"),
    path("<uuid:pk>/edit/", sources.source_edit, name="source-edit"),
    path("<uuid:pk>/delete/", sources.source_delete, name="source-delete"),
    path("<uuid:pk>/upload/", sources.source_upload, name="source-upload"),
    path("<uuid:pk>/text/", sources.text_create, name="text-create"),
    path("<uuid:pk>/progress/", sources.source_progress, name="source-progress"),
    *access_tab.urls(),
    activity_tab(access_tab),
    path("documents/<uuid:pk>/", documents.document_detail, name="document-detail"),
    path("documents/<uuid:pk>/file/<int:number>/", documents.document_file, name="document-file"),
    path("documents/<uuid:pk>/replace/", documents.document_replace, name="document-replace"),
    path("documents/<uuid:pk>/retry/", documents.document_retry, name="document-retry"),
    path("documents/<uuid:pk>/cancel/", documents.document_cancel, name="document-cancel"),
    path("documents/<uuid:pk>/delete/", documents.document_delete, name="document-delete"),
    path("passages/<uuid:pk>/", passages.chunk_detail, name="chunk-detail"),
]
