"""From an agent, or from a run's row, to what the engine needs."""

from __future__ import annotations

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.utils import timezone

from agents.runs import prompts
from agents.runs.engine import Task
from agents.runs.models import AgentRun
from agents.runs.prompts import Turn
from agents.runs.stopping import Stop
from agents.specs import AgentSpec
from tenants.access import Access

# What a conversation reminds the model of.
MOST_TURNS = 12
LONGEST_HISTORY = 24_000  # characters


def checked_input(text: str) -> str:
    """The input as it is kept. Raises ValidationError where it is empty or too long."""
    text = prompts.normalised(text)
    if not text:
        raise ValidationError({"input": "Ask something."})
    if len(text) > prompts.LONGEST_INPUT:
        longest = f"{prompts.LONGEST_INPUT:,}"
        raise ValidationError({"input": f"The input is longer than {longest} characters."})
    return text


def with_values(spec: AgentSpec, values: Mapping[str, str]) -> AgentSpec:
    """The spec with these values for its persona. Raises ValidationError for unknown ones."""
    if not values:
        return spec
    declared = {variable.name for variable in spec.persona.variables} if spec.persona else set()
    if unknown := sorted(values.keys() - declared):
        names = ", ".join(unknown)
        raise ValidationError({"persona_values": f"The persona has no variable {names}."})
    return spec.model_copy(update={"persona_values": {**spec.persona_values, **values}})


def task_of(access: Access, run: AgentRun, spec: AgentSpec) -> Task:
    """What the engine needs to do this run."""
    stop = Stop(spec.limits.timeout_seconds)
    return Task(access, run, spec, stop, history=_history(access, run))


def taken_task(access: Access, run: AgentRun) -> Task | None:
    """Take a queued run to do it now; None where it is not queued any more."""
    now = timezone.now()
    queued = AgentRun.unscoped.filter(pk=run.pk, status=AgentRun.Status.QUEUED)
    if not queued.update(status=AgentRun.Status.RUNNING, started_at=now, heartbeat_at=now):
        return None
    run.refresh_from_db()
    kept = run.draft if run.version is None else run.version.spec
    return task_of(access, run, with_values(AgentSpec.model_validate(kept), run.persona_values))


def _history(access: Access, run: AgentRun) -> tuple[Turn, ...]:
    """The turns before this one in its conversation, oldest first, as far as they fit."""
    if run.conversation is None or run.agent is None:
        return ()
    before = access.visible(AgentRun).filter(
        conversation=run.conversation,
        agent=run.agent,
        started_by=run.started_by_id,
        status=AgentRun.Status.COMPLETED,
    )
    newest = before.order_by("-created_at").values_list("input", "output")[:MOST_TURNS]
    turns: list[Turn] = []
    room = LONGEST_HISTORY
    for asked, answered in newest:
        room -= len(asked) + len(answered)
        if room < 0:
            break
        turns.append((asked, answered))
    return tuple(reversed(turns))
