"""Pages of the persona library, under /t/<tenant>/personas/."""

from django.urls import path

from personas import reading, views
from personas.models import Persona
from tenants import usage
from tenants.views.activity import activity_tab
from tenants.views.sharing import AccessTab

app_name = "personas"

access_tab = AccessTab(
    Persona,
    "personas",
    "persona",
    "personas/persona_frame.html",
    lambda access, persona: {
        "persona": reading.for_page(access, persona),
        "users": usage.users_of(access, persona),
    },
)

urlpatterns = [
    path("", views.persona_list, name="persona-list"),
    path("new/", views.persona_create, name="persona-create"),
    path("export/", views.persona_export, name="persona-export"),
    path("draft/preview/", views.draft_preview, name="draft-preview"),
    path("draft/add-variable/", views.draft_add_variable, name="draft-add-variable"),
    path(
        "draft/remove-variable/<int:row>/",
        views.draft_remove_variable,
        name="draft-remove-variable",
    ),
    path("<uuid:pk>/", views.persona_detail, name="persona-detail"),
    path("<uuid:pk>/edit/", views.persona_edit, name="persona-edit"),
    path("<uuid:pk>/preview/", views.persona_preview, name="persona-preview"),
    path("<uuid:pk>/delete/", views.persona_delete, name="persona-delete"),
    *access_tab.urls(),
    activity_tab(access_tab),
]
