"""What was allowed a moment ago and is no longer: streams are cut, runs stop, jobs don't begin."""

import json
from dataclasses import replace

import pytest
from django.utils import timezone

from agents.models import Agent
from agents.runs import engine, heartbeats, live, performing, streaming
from agents.runs import services as services_of_runs
from agents.runs.events import Event
from agents.runs.models import AgentRun
from agents.runs.tasks import execute_run
from tenants import services
from tenants.access import Access
from tenants.jobs import perform
from tenants.models import ApiKey, Job, Membership, Role
from tenants.services.sharing import share
from tests.factories.agents import AgentFactory, AgentToolFactory
from tests.factories.runs import AgentRunFactory
from tests.factories.tenants import ApiKeyFactory
from tests.factories.tools import BuiltinToolFactory
from tests.runs.conftest import republished
from tests.runs.fakes import DONE, ScriptedProvider, ports
from tests.runs.test_tool_calls import asks, executes

pytestmark = pytest.mark.django_db


def suspend(person):
    Membership.unscoped.filter(user=person).update(is_suspended=True)


def remove(person):
    Membership.unscoped.filter(user=person).delete()


def deactivate(person):
    person.is_active = False
    person.save()


def demote(person):
    """To a role that may see nothing of runs and agents."""
    membership = Membership.unscoped.get(user=person)
    owner = owner_of(membership.tenant)
    role = services.create_role(owner, label="Nothing", capabilities=["manage_jobs"])
    Membership.unscoped.filter(pk=membership.pk).update(role=role)


def owner_of(tenant):
    return Access.of(Membership.unscoped.get(tenant=tenant, role__slug="owner").user, tenant.slug)


def deny(person):
    holder = Membership.unscoped.get(user=person)
    for agent in Agent.unscoped.all():
        share(owner_of(agent.tenant), agent, holder, allowed="", denied="view")


def restrict_the_agent(person):
    Agent.unscoped.update(is_restricted=True)


def revoke(person):
    ApiKey.unscoped.update(revoked_at=timezone.now())


def expire(person):
    ApiKey.unscoped.update(expires_at=timezone.now())


def narrow(person):
    ApiKey.unscoped.update(scopes=["view_tools"])


OF_A_PERSON = [suspend, remove, deactivate, demote, restrict_the_agent, deny]
OF_A_KEY = [revoke, expire, narrow]
by_name = {"ids": lambda end: end.__name__}


@pytest.fixture
def watched(tenant, owner, agent, monkeypatch):
    """Somebody else's run that goes on in this process; `(run, its feed)`."""
    monkeypatch.setattr(streaming, "RECHECK_SECONDS", 0.0)
    run = AgentRunFactory(tenant=tenant, agent=agent, started_by=owner, status="running")
    with live.feeding(run.pk) as feed:
        feed.publish(Event(1, "run.started"))
        yield run, feed


def through_key(tenant, person, *scopes):
    key = ApiKeyFactory(tenant=tenant, user=person, scopes=list(scopes))
    return Access.through(key.public_id)


def assert_cut(access, watched, end, person):
    run, feed = watched
    stream = iter(streaming.event_stream(access, run).streaming_content)
    assert b"event: run.started" in next(stream)

    end(person)
    feed.publish(Event(2, "message.delta", {"text": "secret"}))

    last = next(stream).decode()
    assert last.startswith("event: access.ended\ndata: ")
    assert json.loads(last.split("data: ")[1])["code"] == "access_ended"
    assert list(stream) == []


@pytest.mark.parametrize("end", OF_A_PERSON, **by_name)
def test_a_persons_open_stream_is_cut(access, owner, editor, watched, end):
    assert_cut(access(editor), watched, end, editor)


def test_suspension_cuts_the_stream_of_a_session_that_goes_on(
    page, access, owner, editor, watched, other_tenant
):
    services.add_member(other_tenant, editor, role="viewer")
    (run, feed), client = watched, page(editor)
    stream = iter(client.get(f"/t/acme/runs/{run.pk}/events/").streaming_content)
    assert b"event: run.started" in next(stream)

    services.suspend_member(access(owner), Membership.unscoped.get(user=editor, tenant=run.tenant))
    feed.publish(Event(2, "message.delta", {"text": "secret"}))

    assert b"event: access.ended" in next(stream)
    assert list(stream) == []
    assert client.get(f"/t/acme/runs/{run.pk}/events/").status_code == 404
    assert client.get("/t/globex/").status_code == 200


@pytest.mark.parametrize("end", [*OF_A_PERSON, *OF_A_KEY], **by_name)
def test_a_keys_open_stream_is_cut(tenant, owner, editor, watched, end):
    access = through_key(tenant, editor, "run_agents", "view_runs")

    assert_cut(access, watched, end, editor)


def test_whoever_keeps_the_right_reads_on(access, owner, editor, watched):
    run, feed = watched
    stream = iter(streaming.event_stream(access(editor), run).streaming_content)
    next(stream)
    feed.publish(Event(2, "run.completed"))

    assert b"event: run.completed" in next(line for line in stream if b"event" in line)


@pytest.mark.parametrize("end", OF_A_PERSON, **by_name)
def test_a_run_goes_no_further_than_its_step(owner, contributor, agent, ask, end):
    tool = BuiltinToolFactory(tenant=agent.tenant, slug="current_time")
    AgentToolFactory(tenant=agent.tenant, agent=agent, tool=tool)
    script = [asks("current_time"), lambda: end(contributor)]
    provider, execute = ScriptedProvider(script, ["It is noon.", DONE]), executes()

    run = ask(republished(agent), ports=ports(provider, execute=execute))

    assert (run.status, run.cause_code) == ("failed", "access_ended")
    assert "no longer run the agent" in run.cause
    assert execute.calls == []
    assert len(provider.requests) == 1


def test_a_run_stops_before_the_model_is_asked_again(owner, contributor, agent, ask):
    tool = BuiltinToolFactory(tenant=agent.tenant, slug="current_time")
    AgentToolFactory(tenant=agent.tenant, agent=agent, tool=tool)
    provider = ScriptedProvider([asks("current_time")], ["It is noon.", DONE])
    answer = executes()

    def execute(*args, **kwargs):
        suspend(contributor)
        return answer(*args, **kwargs)

    run = ask(republished(agent), ports=ports(provider, execute=execute))

    assert run.cause_code == "access_ended"
    assert len(provider.requests) == 1


@pytest.mark.parametrize("end", [*OF_A_PERSON, *OF_A_KEY], **by_name)
def test_a_waiting_run_does_not_begin(tenant, owner, contributor, agent, api, end):
    client = api(contributor)
    body = {"input": "How long do refunds take?"}
    client.post(f"/agents/{agent.pk}/execute", body, headers={"Prefer": "respond-async"})
    end(contributor)

    perform(Job.unscoped.get().pk, execute_run)

    run, job = AgentRun.unscoped.get(), Job.unscoped.get()
    assert (run.status, run.cause_code, run.step_count) == ("failed", "access_ended", 0)
    assert (job.status, job.cause_code) == ("failed", "access_ended")
    if end is revoke:
        assert run.cause == job.cause == "The API key that asked for this was revoked."


def test_a_draft_waits_for_who_may_change_it(tenant, owner, editor, api):
    agent = AgentFactory(tenant=tenant)
    body = {"input": "How long?", "version": "draft"}
    api(editor).post(f"/agents/{agent.pk}/execute", body, headers={"Prefer": "respond-async"})
    contributor = Role.unscoped.get(tenant=tenant, slug="contributor")
    Membership.unscoped.filter(user=editor).update(role=contributor)

    perform(Job.unscoped.get().pk, execute_run)

    assert AgentRun.unscoped.get().cause_code == "access_ended"


@pytest.mark.parametrize("end", [revoke, expire], **by_name)
def test_a_run_is_stopped_in_mid_answer_when_its_key_ends(tenant, contributor, agent, end):
    access = through_key(tenant, contributor, "run_agents")
    task = services_of_runs.start_run(access, agent, text="How long?", origin="api")

    def end_and_beat():
        end(contributor)
        heartbeats.tick(tell=False)
        task.stop.check()

    provider = ScriptedProvider(["Five ", end_and_beat, "days.", DONE])
    with heartbeats.watched(task.run.pk, task.stop):
        list(engine.events(replace(task, ports=ports(provider))))

    run = AgentRun.unscoped.get()
    assert (run.status, run.cause_code, run.partial) == ("failed", "access_ended", "Five ")
    assert run.cause.startswith("The API key that asked for this")


@pytest.mark.parametrize("end", [suspend, deny], **by_name)
def test_a_run_is_stopped_in_mid_answer_when_its_asker_may_no_longer(
    tenant, owner, contributor, agent, end
):
    access = Access.of(contributor, tenant.slug)
    task = services_of_runs.start_run(access, agent, text="How long?", origin="console")

    def end_and_beat():
        end(contributor)
        heartbeats.tick(tell=False, ask=True)
        task.stop.check()

    provider = ScriptedProvider(["Five ", end_and_beat, "days.", DONE])
    performing.perform(replace(task, ports=ports(provider)))

    run = AgentRun.unscoped.get()
    assert (run.status, run.cause_code, run.partial) == ("failed", "access_ended", "Five ")
