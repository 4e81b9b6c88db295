"""Pages of the tool library, under /t/<tenant>/tools/."""

from django.urls import path

from tenants import usage
from tenants.views.activity import activity_tab
from tenants.views.sharing import AccessTab
from tools import reading, views
from tools.models import Tool

app_name = "tools"

access_tab = AccessTab(
    Tool,
    "tools",
    "tool",
    "tools/tool_frame.html",
    lambda access, tool: {
        "tool": reading.for_page(access, tool),
        "users": usage.users_of(access, tool),
    },
)

urlpatterns = [
    path("", views.tool_list, name="tool-list"),
    path("new/", views.tool_create, name="tool-create"),
    path("export/", views.tool_export, name="tool-export"),
    path("new/builtin/", views.builtin_create, name="builtin-create"),
    path("<uuid:pk>/", views.tool_detail, name="tool-detail"),
    path("<uuid:pk>/edit/", views.tool_edit, name="tool-edit"),
    path("<uuid:pk>/try/", views.tool_try, name="tool-try"),
    path("<uuid:pk>/delete/", views.tool_delete, name="tool-delete"),
    *access_tab.urls(),
    activity_tab(access_tab),
]
