"""Pages of runs, under /t/<tenant>/."""

from django.urls import path

from agents.runs import views

app_name = "runs"

urlpatterns = [
    path("agents/<uuid:pk>/console/", views.agent_console, name="agent-console"),
    path("agents/<uuid:pk>/runs/", views.agent_runs, name="agent-runs"),
    path("runs/", views.run_list, name="run-list"),
    path("runs/export/", views.run_export, name="run-export"),
    path("runs/<uuid:pk>/", views.run_detail, name="run-detail"),
    path("runs/<uuid:pk>/sources/", views.run_sources, name="run-sources"),
    path("runs/<uuid:pk>/turn/", views.run_turn, name="run-turn"),
    path("runs/<uuid:pk>/trace/", views.run_trace, name="run-trace"),
    path("runs/<uuid:pk>/events/", views.run_events, name="run-events"),
    path("runs/<uuid:pk>/cancel/", views.run_cancel, name="run-cancel"),
]
