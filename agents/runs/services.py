"""Starting, doing and cancelling runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal
from uuid import UUID

from django.utils import timezone

from agents import specs
from agents.models import Agent
from agents.runs import endings, heartbeats, performing, preparing
from agents.runs.engine import Task
from agents.runs.models import AgentRun
from agents.runs.tasks import EXECUTE
from tenants import audit, jobs
from tenants.access import Access
from tenants.models import Job

Which = Literal["published", "draft"]


def start_run(
    access: Access,
    agent: Agent,
    *,
    text: str,
    origin: str,
    which: Which = "published",
    persona_values: Mapping[str, str] | None = None,
    conversation: UUID | None = None,
) -> Task:
    """Write the row of a run that begins now; do it with `run_now` or `run_in_background`.

    Raises NotPublished, PermissionDenied for the draft of an agent that this principal may not
    change, and ValidationError for an input that is empty or too long.
    """
    run, spec = _new_run(access, agent, text, origin, which, persona_values or {})
    run.conversation = conversation
    run.status = AgentRun.Status.RUNNING
    run.started_at = run.heartbeat_at = timezone.now()
    access.add(run)
    return preparing.task_of(access, run, spec)


def run_now(task: Task) -> AgentRun:
    """Do the run in this thread; the run as it ended."""
    performing.perform(task)
    if task.run.is_unfinished:  # it was ended by somebody else
        task.run.refresh_from_db()
    return task.run


def run_in_background(task: Task) -> AgentRun:
    """Do the run in a thread of this process, whatever becomes of who asked for it."""
    performing.perform_in_background(task)
    return task.run


@audit.atomic()
def enqueue_run(
    access: Access,
    agent: Agent,
    *,
    text: str,
    origin: str,
    which: Which = "published",
    persona_values: Mapping[str, str] | None = None,
) -> tuple[AgentRun, Job]:
    """Have a worker do the run. Raises as `start_run`."""
    run, _ = _new_run(access, agent, text, origin, which, persona_values or {})
    access.add(run)
    payload = {"run_id": str(run.pk)}
    job = jobs.enqueue(access, EXECUTE, title=f"Run {agent.name}", subject=run, payload=payload)
    return run, job


def cancel_run(access: Access, run: AgentRun) -> AgentRun:
    """End a waiting run now, a running one as soon as it notices; an ended one stays as it is."""
    with audit.atomic():
        is_ended = endings.end_from_outside(
            run.pk,
            AgentRun.Status.CANCELLED,
            endings.STOPPED,
            "cancelled",
            while_in=[AgentRun.Status.QUEUED],
        )
        is_asked = AgentRun.unscoped.filter(
            pk=run.pk, status=AgentRun.Status.RUNNING, cancel_requested_at=None
        ).update(cancel_requested_at=timezone.now())
        if is_ended or is_asked:
            audit.record(access, "run.cancelled", run)
    heartbeats.stop_here(run.pk)
    run.refresh_from_db()
    return run


def _new_run(
    access: Access,
    agent: Agent,
    text: str,
    origin: str,
    which: Which,
    persona_values: Mapping[str, str],
) -> tuple[AgentRun, specs.AgentSpec]:
    is_draft = which == "draft"
    if is_draft:
        agent = access.get(Agent, agent.pk, "change")
    spec = specs.draft_spec(agent) if is_draft else specs.published_spec(agent)
    spec = preparing.with_values(spec, persona_values)
    run = AgentRun(
        agent=agent,
        agent_name=agent.name,
        version_id=None if is_draft else agent.published_version_id,
        version_number=spec.version,
        draft=spec.model_dump(mode="json") if is_draft else None,
        model=spec.routes[0].model,
        persona_id=spec.persona.persona_id if spec.persona else None,
        persona_values=dict(persona_values),
        started_by=access.user,
        key=access.key,
        origin=origin,
        input=preparing.checked_input(text),
    )
    return run, spec
