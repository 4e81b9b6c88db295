"""Pages of the registry, under /t/<tenant>/agents/."""

from django.urls import path

from agents import reading
from agents.models import Agent
from agents.views import agents, versions
from tenants.views.activity import activity_tab
from tenants.views.sharing import AccessTab

app_name = "agents"

access_tab = AccessTab(
    Agent,
    "agents",
    "agent",
    "agents/agent_frame.html",
    lambda access, agent: {"agent": reading.headed(access, agent)},
)

urlpatterns = [
    path("", agents.agent_list, name="agent-list"),
    path("new/", agents.agent_create, name="agent-create"),
    path("new/find/", agents.draft_find, name="draft-find"),
    path("export/", agents.agent_export, name="agent-export"),
    path("<uuid:pk>/", agents.agent_detail, name="agent-detail"),
    path("<uuid:pk>/edit/", agents.agent_edit, name="agent-edit"),
    path("<uuid:pk>/edit/find/", agents.agent_find, name="agent-find"),
    path("<uuid:pk>/delete/", agents.agent_delete, name="agent-delete"),
    path("<uuid:pk>/publish/", versions.agent_publish, name="agent-publish"),
    path("<uuid:pk>/versions/", versions.version_list, name="version-list"),
    path("<uuid:pk>/versions/<int:number>/", versions.version_detail, name="version-detail"),
    *access_tab.urls(),
    activity_tab(access_tab),
]
