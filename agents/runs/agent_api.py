"""Running an agent by the API."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse, HttpResponseBase
from ninja import Header, Status

from agents.models import Agent
from agents.runs import services, streaming
from agents.runs.models import AgentRun
from agents.runs.schemas import QueuedOut, RunIn, RunOut
from agents.specs import NotPublished
from knowledge.models import Document
from tenants.api import ApiRequest, Problems, Router, created
from tenants.idempotency import repeatable
from tenants.noting import note, note_seen
from tenants.problems import Problem
from tenants.schemas import ProblemOut

router = Router(tags=["running"])

ORIGIN = "api"
_Errors = {**Problems, 409: ProblemOut}
Prefer = Annotated[
    str | None, Header(alias="Prefer", description="`respond-async`: answer 202 at once.")
]


@router.post(
    "/{uuid:agent_id}/execute",
    response={200: RunOut, 202: QueuedOut, **_Errors},
    summary="Run an agent",
)
def execute_agent(
    request: ApiRequest,
    response: HttpResponse,
    agent_id: UUID,
    payload: RunIn,
    prefer: Prefer = None,
) -> Status[Any]:
    """Ask the agent and wait for its answer. A run that fails is a 200 too: its `status`, `code`
    and `cause` say so. With `Prefer: respond-async` a worker does it, and 202 names run and job."""
    asked = _asked(request, agent_id, payload)
    try:
        if prefer and "respond-async" in prefer:
            run, job = services.enqueue_run(request.auth, **asked)
            created(response, f"/api/v1/runs/{run.pk}")
            response["Preference-Applied"] = "respond-async"
            return Status(202, {"run": run, "job": job})
        task = services.start_run(request.auth, **asked)
    except NotPublished as error:
        raise Problem(409, "not_published", str(error)) from error
    run = services.run_now(task)
    note(request.auth, "row", AgentRun._meta.label_lower, str(run.pk), "view")
    note_seen(request.auth, Document, {UUID(cited["document_id"]) for cited in run.citations})
    return Status(200, run)


@router.post(
    "/{uuid:agent_id}/stream",
    response=_Errors,
    summary="Run an agent and stream its answer",
    openapi_extra={"responses": {200: streaming.DESCRIPTION}},
)
def stream_agent(request: ApiRequest, agent_id: UUID, payload: RunIn) -> HttpResponseBase:
    """Ask the agent and get the answer as it comes, as server-sent events. The run goes on when the
    connection is lost: `GET /runs/{id}/events` with `Last-Event-ID` brings exactly the rest."""
    try:
        task = services.start_run(request.auth, **_asked(request, agent_id, payload))
    except NotPublished as error:
        raise Problem(409, "not_published", str(error)) from error
    run = services.run_in_background(task)
    return repeatable(streaming.event_stream(request.auth, run), streaming.SOURCE, str(run.pk))


def _asked(request: ApiRequest, agent_id: UUID, payload: RunIn) -> dict[str, Any]:
    return {
        "agent": request.auth.get(Agent, agent_id, "run"),
        "text": payload.input,
        "origin": ORIGIN,
        "which": payload.version,
        "persona_values": payload.persona_values,
    }
