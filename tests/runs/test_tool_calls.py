"""The loop of model and tools, over fakes at the engine's ports."""

import pytest

from agents.runs.models import AgentRun, RunStep, ToolExecution
from agents.runs.providers.port import Reply, Tokens, ToolCall
from tests.factories.agents import AgentSourceFactory, AgentToolFactory
from tests.factories.tools import BuiltinToolFactory
from tests.runs.conftest import republished
from tests.runs.fakes import DONE, ScriptedProvider, finds, passage, ports
from tools.execution import ToolResult


def asks(*names, arguments="{}"):
    calls = tuple(ToolCall(f"call_{i}", name, arguments) for i, name in enumerate(names))
    return Reply("tools", calls, Tokens(10, 5))


@pytest.fixture
def clock(agent):
    tool = BuiltinToolFactory(tenant=agent.tenant, slug="current_time")
    AgentToolFactory(tenant=agent.tenant, agent=agent, tool=tool)
    return tool


def executes(result=None):
    def execute(access, tool, arguments, *, context):
        execute.calls.append((tool.slug, arguments))
        return result or ToolResult(ok=True, output_text=f"answer {len(execute.calls)}")

    execute.calls = []
    return execute


def test_a_tool_is_called_and_its_result_goes_back_to_the_model(agent, clock, events_of):
    provider = ScriptedProvider([asks("current_time")], ["It is noon.", DONE])
    execute = executes()

    events, run = events_of(republished(agent), ports(provider, execute=execute))

    assert run.status == "completed"
    assert execute.calls == [("current_time", {})]
    assert provider.requests[1].messages[-1].content == "answer 1"
    assert [e.type for e in events if e.type.startswith("tool.")] == [
        "tool.started",
        "tool.finished",
    ]


def test_parallel_calls_are_made_in_the_order_in_which_they_were_asked_for(agent, clock, events_of):
    provider = ScriptedProvider([asks("current_time", "current_time")], ["Noon.", DONE])

    _, run = events_of(republished(agent), ports(provider, execute=executes()))

    calls = ToolExecution.unscoped.filter(run=run).order_by("position")
    assert [(c.call_id, c.output) for c in calls] == [
        ("call_0", "answer 1"),
        ("call_1", "answer 2"),
    ]
    told = [m.tool_call_id for m in provider.requests[1].messages if m.role == "tool"]
    assert told == ["call_0", "call_1"]


def test_steps_are_kept_before_a_tool_is_called(agent, clock, events_of):
    seen = []

    def execute(access, tool, arguments, *, context):
        seen.append((RunStep.unscoped.count(), AgentRun.unscoped.get().status))
        return ToolResult(ok=True, output_text="noon")

    provider = ScriptedProvider([asks("current_time")], ["Noon.", DONE])

    events_of(republished(agent), ports(provider, execute=execute))

    assert seen == [(1, "running")]


@pytest.mark.parametrize("arguments", ["{", '{"a": NaN}', "[" * 60_000, '"' + "x" * 70_000 + '"'])
def test_arguments_that_are_no_json_are_told_to_the_model(agent, clock, events_of, arguments):
    provider = ScriptedProvider([asks("current_time", arguments=arguments)], ["Sorry, noon.", DONE])
    execute = executes()

    _, run = events_of(republished(agent), ports(provider, execute=execute))

    assert (run.status, execute.calls) == ("completed", [])
    assert "no valid JSON" in provider.requests[1].messages[-1].content


def test_a_tool_that_the_agent_does_not_have_is_told_to_the_model(agent, clock, events_of):
    provider = ScriptedProvider([asks("delete_everything")], ["I can't.", DONE])
    execute = executes()

    _, run = events_of(republished(agent), ports(provider, execute=execute))

    assert (run.status, execute.calls) == ("completed", [])
    call = ToolExecution.unscoped.get(run=run)
    assert (call.is_ok, call.tool_id) == (False, None)
    assert "delete_everything" in call.error


def test_a_failing_tool_does_not_fail_the_run(agent, clock, events_of):
    provider = ScriptedProvider([asks("current_time")], ["The clock is broken.", DONE])
    execute = executes(ToolResult(ok=False, error="It answered 500.", status_code=500))

    _, run = events_of(republished(agent), ports(provider, execute=execute))

    assert run.status == "completed"
    assert ToolExecution.unscoped.get(run=run).status_code == 500
    assert provider.requests[1].messages[-1].content == "Error: It answered 500."


def test_text_before_a_call_is_a_message_of_its_own(agent, clock, events_of):
    first = ["Let me look. ", asks("current_time")]
    provider = ScriptedProvider(first, ["It is noon.", DONE])

    events, run = events_of(republished(agent), ports(provider, execute=executes()))

    said = [(e.data["text"], e.data["final"]) for e in events if e.type == "message.completed"]
    assert said == [("Let me look. ", False), ("It is noon.", True)]
    assert run.output == "It is noon."


def test_no_more_tools_are_called_than_the_agent_may(configured, clock, events_of):
    agent = configured(max_tool_calls=1)
    provider = ScriptedProvider([asks("current_time", "current_time")], ["Noon.", DONE])
    execute = executes()

    _, run = events_of(agent, ports(provider, execute=execute))

    assert (run.status, len(execute.calls)) == ("completed", 1)
    assert provider.requests[1].may_call is False
    refused = ToolExecution.unscoped.get(run=run, call_id="call_1")
    assert "may not call any more" in refused.error


def test_the_last_step_has_to_answer(configured, clock, events_of):
    agent = configured(max_steps=2)
    provider = ScriptedProvider([asks("current_time")], ["Noon.", DONE])

    _, run = events_of(agent, ports(provider, execute=executes()))

    assert [request.may_call for request in provider.requests] == [True, False]
    assert run.status == "completed"


def test_a_model_that_never_stops_asking_is_stopped(configured, clock, events_of):
    agent = configured(max_steps=3)
    provider = ScriptedProvider(*[[asks("current_time")] for _ in range(3)])
    execute = executes()

    _, run = events_of(agent, ports(provider, execute=execute))

    assert (run.status, run.cause_code) == ("failed", "step_limit")
    assert len(execute.calls) == 2


def test_passages_that_a_tool_found_can_be_cited(agent, clock, events_of):
    AgentSourceFactory(tenant=agent.tenant, agent=agent)
    known, found = passage("Refunds take five days."), passage("Tents dry.", document="Tent.md")

    def execute(access, tool, arguments, *, context):
        (hit,) = context.search("tents", 1)
        return ToolResult(ok=True, output_text=str(hit))

    provider = ScriptedProvider([asks("current_time")], ["Dry it. [2]", DONE])

    def retrieve(access, query, **options):
        return finds(found if query == "tents" else known)(access, query, **options)

    _, run = events_of(republished(agent), ports(provider, retrieve, execute))

    assert [c["document"] for c in run.citations] == ["Tent.md"]
    assert sorted(run.source_ids) == sorted([known.source_id, found.source_id])


def test_a_tool_gets_no_more_time_than_the_run_has_left(configured, clock, events_of):
    agent = configured(timeout_seconds=5)
    limits = []

    def execute(access, tool, arguments, *, context):
        limits.append(tool.timeout_seconds)
        return ToolResult(ok=True, output_text="noon")

    provider = ScriptedProvider([asks("current_time")], ["Noon.", DONE])

    events_of(agent, ports(provider, execute=execute))

    assert limits[0] <= 5
