"""The way in, and the home page: what ran, what failed, what is being indexed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from agents.models import Agent
from agents.runs.models import AgentRun
from knowledge.models import Document
from personas.models import Persona
from tenants import reach
from tenants.access import Access, memberships
from tenants.models import Job
from tenants.pages import render_page, tenant_page
from tenants.services import remember_tenant

PERIOD = timedelta(days=7)
# Of each list; the whole of it is one click away.
SHOWN = 6
FAILED_RUN = (AgentRun.Status.FAILED, AgentRun.Status.INTERRUPTED)


@require_safe
def root(request: HttpRequest) -> HttpResponse:
    """To the organisation where the person was last, the only one, or the choice of several."""
    if not request.user.is_authenticated:
        return redirect("account_login")
    mine = memberships(request.user, within=reach.limit(request))
    last = mine.filter(tenant=request.user.last_tenant_id).first()
    some = [last] if last else list(mine[:2])
    return redirect(some[0].tenant) if len(some) == 1 else redirect("account:tenant-list")


@tenant_page("GET")
def home(request: HttpRequest, access: Access) -> HttpResponse:
    """The organisation at a glance, as far as this person may see it."""
    remember_tenant(access)
    runs = access.visible(AgentRun)
    documents = access.visible(Document)
    failed_runs = _recent(runs).filter(status__in=FAILED_RUN)
    failed_documents = documents.filter(status=Document.Status.FAILED)
    jobs = access.visible(Job).filter(status__in=Job.UNFINISHED)
    context = {
        "access": access,
        "numbers": _numbers(runs, documents),
        "runs": runs.order_by("-created_at")[:SHOWN],
        "failed_runs": failed_runs.order_by("-created_at")[:SHOWN],
        "failed_documents": failed_documents.order_by("-updated_at")[:SHOWN],
        "jobs": jobs.order_by("created_at")[:SHOWN],
        "steps": _first_steps(access, runs, documents),
    }
    return render_page(request, "home/home.html", context, partial="activity")


def _recent(runs: QuerySet[AgentRun]) -> QuerySet[AgentRun]:
    return runs.filter(created_at__gte=timezone.now() - PERIOD)


def _numbers(runs: QuerySet[AgentRun], documents: QuerySet[Document]) -> dict[str, Any]:
    of_runs = _recent(runs).aggregate(
        runs=Count("pk"),
        failed=Count("pk", filter=Q(status__in=FAILED_RUN)),
        completed=Count("pk", filter=Q(status=AgentRun.Status.COMPLETED)),
        input_tokens=Sum("input_tokens", default=0),
        output_tokens=Sum("output_tokens", default=0),
        total=Sum("cost", default=0),
        currencies=ArrayAgg("currency", distinct=True, filter=Q(cost__gt=0)),
    )
    of_documents = documents.aggregate(
        documents=Count("pk", filter=Q(status=Document.Status.READY)),
        passages=Sum("chunk_count", default=0),
    )
    ended = of_runs["completed"] + of_runs["failed"]
    success = round(100 * of_runs["completed"] / ended, 1) if ended else None
    spend = _spend(runs, of_runs.pop("currencies"), of_runs.pop("total"))
    return {**of_runs, **of_documents, "success": success, "spend": spend}


def _spend(runs: QuerySet[AgentRun], currencies: list[str] | None, total: Any) -> dict[str, Any]:
    """What was spent in each currency; where there is one, the total is it already."""
    if not currencies or len(currencies) == 1:
        return dict.fromkeys(currencies or [], total)
    by_currency = _recent(runs).filter(cost__gt=0).values("currency").annotate(cost=Sum("cost"))
    return dict(by_currency.order_by("currency").values_list("currency", "cost"))


@dataclass(frozen=True, slots=True)
class Step:
    """One of the first things to do in a new organisation."""

    title: str
    text: str
    url: str
    is_done: bool


def _first_steps(
    access: Access, runs: QuerySet[AgentRun], documents: QuerySet[Document]
) -> list[Step]:
    """From nothing to the first answer; none once something has run, or for who may not build."""
    if not access.may("change_agents") or runs.exists():
        return []
    agents = access.visible(Agent)
    return [
        Step(
            "Add knowledge",
            "Upload documents that your agents answer from.",
            _url(access, "knowledge:source-list"),
            documents.exists(),
        ),
        Step(
            "Write a persona",
            "How the agent speaks, and what it must keep to.",
            _url(access, "personas:persona-list"),
            access.visible(Persona).exists(),
        ),
        Step(
            "Build an agent",
            "A model, a persona, tools and knowledge under one name.",
            _url(access, "agents:agent-list"),
            agents.exists(),
        ),
        Step(
            "Ask it something",
            "Watch the answer come in, with its sources and every step.",
            _url(access, "agents:agent-list"),
            False,
        ),
    ]


def _url(access: Access, name: str) -> str:
    return reverse(name, args=[access.tenant.slug])
