"""The test console, and the pages of runs."""

from __future__ import annotations

from operator import attrgetter
from typing import Any, cast
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from agents import reading
from agents.models import Agent
from agents.runs import cited, conversations, services, streaming, trace
from agents.runs.forms import QuestionForm, RunFilters
from agents.runs.models import AgentRun, AgentRunQuerySet
from knowledge import embedding
from tenants import bulk
from tenants.access import Access
from tenants.bulk import Act, Listed, NotDone
from tenants.downloads import export_page
from tenants.ids import uuid7
from tenants.lists import ListPage
from tenants.pages import (
    form_status,
    object_page,
    paginate,
    render_page,
    submitted,
    tenant_page,
)
from tenants.tables import Columns
from tenants.views.saved_views import with_saved_views

SORTS = {"created": "created_at", "duration": "duration_ms", "cost": "cost"}


# ── The console ───────────────────────────────────────────────────────────────────────────────


@object_page(Agent, "run", "GET", "POST")
def agent_console(request: HttpRequest, access: Access, agent: Agent) -> HttpResponse:
    embedding.warm_up()
    agent = reading.headed(access, agent)
    may_change = agent.may_change  # type: ignore[attr-defined]  # annotated
    data = _console_data(request, access, agent)
    form = QuestionForm(**data, agent=agent, may_change=may_change)
    if form.is_valid():
        return _asked(request, access, agent, form)
    context = {
        "access": access,
        "agent": agent,
        "form": form,
        "turns": conversations.turns(access, agent, form["conversation"].value()),
    }
    return render_page(request, "runs/agent_console.html", context, status=form_status(form))


def _console_data(request: HttpRequest, access: Access, agent: Agent) -> dict[str, Any]:
    kept = {name: request.GET[name] for name in ("conversation", "which") if name in request.GET}
    if question := conversations.question_of(access, agent, request.GET.get("again")):
        kept["input"] = question
    return submitted(request) or {"initial": kept}


def _asked(request: HttpRequest, access: Access, agent: Agent, form: QuestionForm) -> HttpResponse:
    asked = form.cleaned_data
    conversation: UUID = asked["conversation"] or uuid7()
    task = services.start_run(
        access,
        agent,
        text=asked["input"],
        which=asked["which"],
        origin=AgentRun.Origin.CONSOLE,
        conversation=conversation,
    )
    run = services.run_in_background(task)
    if not request.headers.get("HX-Request"):
        return redirect(run)
    context = {"access": access, "agent": agent, "turn": conversations.turn(access, run)}
    response = render_page(request, "runs/turns_added.html", context)
    console = reverse("runs:agent-console", args=[access.tenant.slug, agent.pk])
    response["HX-Push-Url"] = f"{console}?conversation={conversation}&which={asked['which']}"
    return response


# ── Runs ──────────────────────────────────────────────────────────────────────────────────────


def _runs(access: Access) -> AgentRunQuerySet:
    runs = cast("AgentRunQuerySet", access.visible(AgentRun)).select_related("started_by")
    return runs.defer("draft", "citations")


LIST = ListPage("runs", "runs:run-list", RunFilters, _runs)


@tenant_page("GET")
@with_saved_views(LIST)
def run_list(request: HttpRequest, access: Access) -> HttpResponse:
    filters = RunFilters(request.GET, access=access)
    context = {"access": access, **_listed(request, access, filters)}
    return render_page(request, "runs/run_list.html", context, partial="results")


COLUMNS: Columns = {
    "id": attrgetter("pk"),
    "agent": attrgetter("agent_name"),
    "version": attrgetter("version_number"),
    "model": attrgetter("model"),
    "status": attrgetter("status"),
    "origin": attrgetter("origin"),
    "started_by": lambda run: str(run.started_by or ""),
    "question": attrgetter("input"),
    "answer": attrgetter("output"),
    "input_tokens": attrgetter("input_tokens"),
    "output_tokens": attrgetter("output_tokens"),
    "cost_usd": attrgetter("cost"),
    "duration_ms": attrgetter("duration_ms"),
    "created_at": attrgetter("created_at"),
}
run_export = export_page(LIST, COLUMNS)


def _cancel(access: Access, run: AgentRun) -> None:
    if not run.is_unfinished:
        raise NotDone("it has ended already")
    services.cancel_run(access, run)


bulk.declare(
    Listed(
        page=LIST,
        model=AgentRun,
        noun="run",
        nouns="runs",
        acts=(
            Act(
                "cancel",
                "Cancel",
                "stop",
                "Waiting runs end now, running ones within a second or two. What they have said "
                "so far is kept, shown as cut off.",
                "cancelled",
                right="change",
                do=_cancel,
            ),
        ),
    )
)


@object_page(Agent, "view", "GET")
def agent_runs(request: HttpRequest, access: Access, agent: Agent) -> HttpResponse:
    filters = RunFilters(request.GET, access=access, agent=agent)
    listed = _listed(request, access, filters, agent=agent)
    context = {"access": access, "agent": reading.headed(access, agent), **listed}
    return render_page(request, "runs/agent_runs.html", context, partial="results")


def _listed(
    request: HttpRequest, access: Access, filters: RunFilters, **narrowing: Any
) -> dict[str, Any]:
    found = filters.narrow(_runs(access).filter(**narrowing)).defer("output")
    page = paginate(request, found, sorts=SORTS, default="-created")
    return {
        "page": page,
        "filters": filters,
        "is_moving": any(run.is_unfinished for run in page.rows),
    }


@object_page(AgentRun, "view", "GET")
def run_detail(request: HttpRequest, access: Access, run: AgentRun) -> HttpResponse:
    context = {
        "access": access,
        "run": run,
        "turn": conversations.turn(access, run),
        "steps": trace.shown(access, run),
        "may_stop": run.is_unfinished and access.may_do(run, "change"),
        "may_ask_again": _may_ask_again(access, run),
    }
    return render_page(request, "runs/run_detail.html", context)


def _may_ask_again(access: Access, run: AgentRun) -> bool:
    if run.is_unfinished or run.agent_id is None:
        return False
    return access.visible(Agent, "run").filter(pk=run.agent_id).exists()


@object_page(AgentRun, "view", "GET")
def run_sources(request: HttpRequest, access: Access, run: AgentRun) -> HttpResponse:
    """What the run found and cited, also where the documents have changed since."""
    context = {"access": access, "run": run, "sources": cited.sources(access, run)}
    return render_page(request, "runs/run_sources.html", context)


@object_page(AgentRun, "view", "GET")
def run_turn(request: HttpRequest, access: Access, run: AgentRun) -> HttpResponse:
    """Question and answer, for a page that watched the run to its end."""
    context = {"access": access, "turn": conversations.turn(access, run)}
    return render_page(request, "runs/turn.html", context)


@object_page(AgentRun, "view", "GET")
def run_trace(request: HttpRequest, access: Access, run: AgentRun) -> HttpResponse:
    context = {"access": access, "run": run, "steps": trace.shown(access, run)}
    return render_page(request, "runs/trace.html", context)


@object_page(AgentRun, "view", "GET")
def run_events(request: HttpRequest, access: Access, run: AgentRun) -> HttpResponseBase:
    return streaming.event_stream(access, run, streaming.last_event_id(request))


@object_page(AgentRun, "change", "POST")
def run_cancel(request: HttpRequest, access: Access, run: AgentRun) -> HttpResponse:
    services.cancel_run(access, run)
    return HttpResponse(status=204) if request.headers.get("HX-Request") else redirect(run)
