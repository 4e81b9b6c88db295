"""Where a model can't answer, the next one of the agent is asked."""

from dataclasses import replace
from uuid import UUID

import pytest

from agents.models import Agent
from agents.runs import engine, services
from agents.runs.models import RunStep, UsageRecord
from agents.runs.providers.port import (
    CutOff,
    Misconfigured,
    RateLimited,
    Refused,
    Reply,
    ToolCall,
    Unavailable,
    Unreachable,
)
from agents.runs.routes import Route
from tests.factories.agents import AgentToolFactory
from tests.factories.tools import BuiltinToolFactory
from tests.runs.conftest import republished
from tests.runs.fakes import DONE, ScriptedProvider, ports
from tests.runs.test_tool_calls import executes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_retries")]

FIRST_CAUSES = [
    Unavailable("It has trouble (503)."),
    RateLimited("Too many requests (429).", retry_after=30),
    Refused("It refused."),
    Unreachable("It can't be reached."),
    CutOff("It was cut off."),
]


@pytest.fixture
def routed(agent):
    """The agent with a second and a third model."""
    fallbacks = [{"provider": None, "model": "second"}, {"provider": None, "model": "third"}]
    Agent.unscoped.filter(pk=agent.pk).update(model="demo", fallbacks=fallbacks)
    return republished(agent)


def each(scripts, **more):
    """Ports with a provider for each model; `gone` are models whose provider is no more."""
    gone = more.pop("gone", ())
    providers = {model: ScriptedProvider(*played) for model, played in scripts.items()}

    def route_for(tenant_id, spec):
        if spec.model in gone:
            raise Misconfigured("Its provider was deleted.")
        return Route(providers[spec.model], spec.model)

    made = replace(ports(None, **more), route_for=route_for)
    return made, providers


def steps(run):
    found = RunStep.unscoped.filter(run=run).order_by("position")
    return [(step.name, step.error_code, step.attempts) for step in found]


@pytest.mark.parametrize("cause", FIRST_CAUSES, ids=lambda cause: cause.code)
def test_the_next_model_answers_and_the_failure_is_a_step(routed, ask, cause):
    made, _ = each({"demo": [[cause]], "second": [["Five days.", DONE]]})

    run = ask(routed, ports=made)

    assert (run.status, run.output, run.model) == ("completed", "Five days.", "second")
    assert steps(run) == [("demo", cause.code, 1), ("second", "", 1)]
    assert RunStep.unscoped.get(run=run, name="demo").error == str(cause)
    assert UsageRecord.unscoped.get(run=run).model == "second"


def test_nobody_else_is_asked_once_a_token_was_shown(routed, ask):
    cut = CutOff("It was cut off.", has_begun=True)
    made, providers = each({"demo": [["Five ", cut]], "second": [["No.", DONE]]})

    run = ask(routed, ports=made)

    assert (run.status, run.cause_code, run.partial) == ("failed", "provider_cut_off", "Five ")
    assert providers["second"].requests == []


def test_the_last_one_is_tried_three_times_and_its_cause_is_the_runs(routed, ask):
    trouble = Unavailable("It has trouble (503).")
    made, providers = each(
        {"demo": [[Refused("No.")]], "second": [[trouble]], "third": [[trouble]] * 3}
    )

    run = ask(routed, ports=made)

    assert (run.status, run.cause_code) == ("failed", "provider_unavailable")
    assert [step[0::2] for step in steps(run)] == [("demo", 1), ("second", 1), ("third", 3)]
    assert len(providers["third"].requests) == 3


def test_a_provider_that_is_gone_is_passed_over(routed, ask):
    made, _ = each({"second": [["Five days.", DONE]]}, gone=("demo",))

    run = ask(routed, ports=made)

    assert run.status == "completed"
    assert steps(run) == [("demo", "provider_misconfigured", 0), ("second", "", 1)]


def test_who_answered_is_asked_for_the_rest_and_gets_no_others_signed_thoughts(routed, ask, tenant):
    tool = BuiltinToolFactory(tenant=tenant, slug="current_time")
    AgentToolFactory(tenant=tenant, agent=routed, tool=tool)
    call = ToolCall("1", "current_time", "{}")
    made, providers = each(
        {
            "demo": [[Reply("tools", (call,), carried="signed by demo")], [Refused("No.")]],
            "second": [
                [Reply("tools", (replace(call, id="2"),), carried="signed by second")],
                ["It is noon.", DONE],
            ],
        },
        execute=executes(),
    )

    run = ask(republished(routed), ports=made)

    assert (run.status, run.output) == ("completed", "It is noon.")
    carried = [[m.carried for m in r.messages if m.carried] for r in providers["second"].requests]
    assert carried == [[], ["signed by second"]]
    assert len(providers["demo"].requests) == 2


def test_a_stopped_run_asks_nobody_else(routed, access, contributor):
    task = services.start_run(access(contributor), routed, text="How long?", origin="api")

    def stop_and_fail():
        task.stop.request("cancelled")
        raise Unavailable("It has trouble (503).")

    made, providers = each({"demo": [[stop_and_fail]], "second": [["No.", DONE]]})
    list(engine.events(replace(task, ports=made)))

    task.run.refresh_from_db()
    assert task.run.status == "cancelled"
    assert providers["second"].requests == []


def test_the_spec_leaves_out_providers_that_are_gone(agent, access, contributor):
    gone = {"provider": str(UUID(int=7)), "model": "large"}
    Agent.unscoped.filter(pk=agent.pk).update(fallbacks=[gone, {"provider": None, "model": "demo"}])

    task = services.start_run(access(contributor), republished(agent), text="How?", origin="api")

    assert [route.model for route in task.spec.routes] == ["demo", "demo"]
