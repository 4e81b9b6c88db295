"""The API of runs."""

from __future__ import annotations

from typing import Annotated, cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponseBase
from ninja import Header, Query

from agents.models import Agent
from agents.runs import services, streaming, trace
from agents.runs.models import AgentRun, AgentRunQuerySet
from agents.runs.schemas import ORDER, RunFilters, RunOut, StepsOut
from tenants.api import ApiRequest, Problems, Router

router = Router(tags=["runs"])

LastEventId = Annotated[
    str | None, Header(alias="Last-Event-ID", description="Events up to this one are left out.")
]


@router.get("", response={200: list[RunOut], **Problems}, summary="List runs")
def list_runs(request: ApiRequest, filters: Query[RunFilters]) -> QuerySet[AgentRun]:
    """One's own runs, and with the right to see them those of others."""
    if filters.agent_id:
        request.auth.get(Agent, filters.agent_id)
    runs = cast("AgentRunQuerySet", request.auth.visible(AgentRun))
    sign = "-" if filters.sort[0] == "-" else ""
    ordered = filters.narrow(runs, request.auth.user.pk).defer("draft")
    return ordered.order_by(f"{sign}{ORDER[filters.sort.lstrip('-')]}")


@router.get("/{uuid:run_id}", response={200: RunOut, **Problems}, summary="Read a run")
def get_run(request: ApiRequest, run_id: UUID) -> AgentRun:
    """One run: its answer with citations once it is complete, or the cause of its failure."""
    return request.auth.get(AgentRun, run_id)


@router.get(
    "/{uuid:run_id}/steps", response={200: StepsOut, **Problems}, summary="Read a run's steps"
)
def list_run_steps(request: ApiRequest, run_id: UUID) -> dict[str, list[trace.Shown]]:
    """What happened, in order, each step with its exact input and output."""
    run = request.auth.get(AgentRun, run_id)
    return {"items": trace.shown(request.auth, run)}


@router.get(
    "/{uuid:run_id}/events",
    response=Problems,
    summary="Follow a run",
    openapi_extra={
        "responses": {
            200: streaming.DESCRIPTION,
            204: {"description": "There are no further events."},
        }
    },
)
def follow_run(
    request: ApiRequest, run_id: UUID, last_event_id: LastEventId = None
) -> HttpResponseBase:
    """The run's events as server-sent events, those to come too. With `Last-Event-ID`: the rest."""
    run = request.auth.get(AgentRun, run_id)
    return streaming.event_stream(request.auth, run, streaming.last_event_id(request))


@router.post("/{uuid:run_id}/cancel", response={200: RunOut, **Problems}, summary="Cancel a run")
def cancel_run(request: ApiRequest, run_id: UUID) -> AgentRun:
    """A waiting run ends now, a running one as soon as it notices. An ended one stays as it is."""
    run = request.auth.get(AgentRun, run_id, "change")
    return services.cancel_run(request.auth, run)
