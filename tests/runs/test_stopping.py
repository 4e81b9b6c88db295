"""Ending a run: by its limit, by a person, by the death of its process."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from agents.runs import endings, events, heartbeats, performing, services
from agents.runs.models import AgentRun, RunEvent, RunStep, UsageRecord
from agents.runs.stopping import Stop, Stopped
from tenants.models import AuditEvent
from tests.factories.runs import (
    AgentRunFactory,
    RunEventFactory,
    RunStepFactory,
    UsageRecordFactory,
)
from tests.runs.fakes import DONE, ScriptedProvider, ports


@pytest.fixture
def running(agent, contributor):
    """A run that some process does, or did."""
    now = timezone.now()
    return AgentRunFactory(
        tenant=agent.tenant,
        agent=agent,
        started_by=contributor,
        status="running",
        output="",
        started_at=now - timedelta(seconds=10),
        heartbeat_at=now,
        finished_at=None,
        duration_ms=None,
    )


def test_a_stopped_run_raises_its_first_reason():
    stop = Stop(60)
    stop.request("lost")
    stop.request("cancelled")

    with pytest.raises(Stopped, match="lost"):
        stop.check()


def test_a_deadline_stops_without_anybody_asking():
    stop = Stop(0)

    with pytest.raises(Stopped, match="timed_out"):
        stop.pause(10)


def test_a_run_that_is_cancelled_while_it_speaks_keeps_what_it_said(agent, access, contributor):
    def cancel():
        services.cancel_run(access(contributor), AgentRun.unscoped.get())

    provider = ScriptedProvider(["Five ", cancel, "days", DONE])
    task = services.start_run(access(contributor), agent, text="How long?", origin="api")
    performing.perform(replace(task, ports=ports(provider)))

    run = AgentRun.unscoped.get()
    assert (run.status, run.cause_code, run.output) == ("cancelled", "cancelled", "")
    assert run.partial == "Five "
    assert UsageRecord.unscoped.get(run=run).is_estimated
    assert RunEvent.unscoped.filter(run=run).last().type == "run.cancelled"


def test_cancelling_a_waiting_run_ends_it_at_once(agent, access, contributor):
    run, _ = services.enqueue_run(access(contributor), agent, text="How long?", origin="api")

    services.cancel_run(access(contributor), run)

    assert (run.status, run.cause_code) == ("cancelled", "cancelled")
    assert [event.type for event in events.kept(run.pk)] == ["run.cancelled"]


def test_cancelling_is_noted_once(running, access, contributor):
    services.cancel_run(access(contributor), running)
    services.cancel_run(access(contributor), running)

    assert running.cancel_requested_at is not None
    assert AuditEvent.unscoped.filter(action="run.cancelled").count() == 1


def test_cancelling_an_ended_run_changes_nothing(agent, access, contributor):
    run = AgentRunFactory(tenant=agent.tenant, agent=agent, started_by=contributor)

    services.cancel_run(access(contributor), run)

    assert run.status == "completed"
    assert not AuditEvent.unscoped.filter(action="run.cancelled").exists()


def test_the_run_of_a_dead_process_is_ended_as_interrupted(running):
    step = RunStepFactory(tenant=running.tenant, run=running, position=1)
    UsageRecordFactory(tenant=running.tenant, run=running, step=step)
    RunEventFactory(
        tenant=running.tenant,
        run=running,
        first=2,
        number=3,
        type="message.delta",
        payload={"pieces": ["Five ", "days"]},
    )
    AgentRun.unscoped.filter(pk=running.pk).update(
        heartbeat_at=timezone.now() - timedelta(seconds=31)
    )

    ended = endings.end_interrupted_runs()

    running.refresh_from_db()
    assert ended == 1
    assert (running.status, running.cause_code) == ("interrupted", "interrupted")
    assert running.cause == endings.INTERRUPTED
    assert (running.partial, running.output) == ("Five days", "")
    assert (running.step_count, running.input_tokens) == (1, 100)
    assert running.duration_ms >= 10_000


def test_the_last_event_of_an_interrupted_run_follows_whatever_its_watchers_have(running):
    RunEventFactory(tenant=running.tenant, run=running, first=7)
    AgentRun.unscoped.filter(pk=running.pk).update(
        heartbeat_at=timezone.now() - timedelta(minutes=1)
    )

    endings.end_interrupted_runs()

    seen_but_never_kept = 7 + 120
    (rest,) = events.kept(running.pk, seen_but_never_kept)
    assert (rest.type, rest.data["status"]) == ("run.failed", "interrupted")


def test_a_run_that_is_alive_is_left_alone(running):
    assert endings.end_interrupted_runs() == 0


def test_a_process_says_that_its_runs_are_alive(running):
    before = running.heartbeat_at

    with heartbeats.watched(running.pk, Stop(60)):
        heartbeats.tick(tell=True)

    running.refresh_from_db()
    assert running.heartbeat_at > before


def test_a_process_hears_that_its_run_was_cancelled_in_another_one(running):
    AgentRun.unscoped.filter(pk=running.pk).update(cancel_requested_at=timezone.now())
    stop = Stop(60)

    with heartbeats.watched(running.pk, stop):
        heartbeats.tick(tell=False)

    assert stop.reason == "cancelled"


def test_a_process_hears_that_its_run_was_ended_by_others(running):
    AgentRun.unscoped.filter(pk=running.pk).update(status="interrupted")
    stop = Stop(60)

    with heartbeats.watched(running.pk, stop):
        heartbeats.tick(tell=False)

    assert stop.reason == "lost"


def test_a_wait_on_the_network_is_woken_at_the_deadline(running):
    stop, woken = Stop(0.01), []

    with stop.waking(lambda: woken.append(True)), heartbeats.watched(running.pk, stop):
        stop.deadline = 0
        heartbeats.tick(tell=False)

    assert woken == [True]


def test_an_engine_whose_run_was_ended_by_others_writes_nothing_more(agent, access, contributor):
    def end():
        endings.end_from_outside(
            AgentRun.unscoped.get().pk, "interrupted", "Gone.", "interrupted", while_in=["running"]
        )

    task = services.start_run(access(contributor), agent, text="How long?", origin="api")
    provider = ScriptedProvider(["Five ", end, "days", DONE])
    performing.perform(replace(task, ports=ports(provider)))

    run = AgentRun.unscoped.get()
    assert (run.status, run.output) == ("interrupted", "")
    assert not RunStep.unscoped.filter(run=run).exists()
    assert [event.type for event in events.kept(run.pk)] == ["run.failed"]


def test_a_crash_inside_roster_ends_the_run_with_a_cause(agent, access, contributor, caplog):
    task = services.start_run(access(contributor), agent, text="How long?", origin="api")
    provider = ScriptedProvider([ZeroDivisionError("oops")])

    performing.perform(replace(task, ports=ports(provider)))

    run = AgentRun.unscoped.get()
    assert (run.status, run.cause_code) == ("failed", "internal_error")
    assert "oops" not in run.cause
