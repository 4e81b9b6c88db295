"""GET /runs and what hangs below it."""

import uuid

import pytest

from agents.runs import events
from agents.runs.events import Event
from agents.runs.models import AgentRun, RunEvent
from tests.factories.agents import AgentFactory
from tests.factories.runs import (
    AgentRunFactory,
    RunStepFactory,
    ToolExecutionFactory,
    UsageRecordFactory,
)
from tests.factories.tools import ToolFactory


@pytest.fixture
def run(agent, contributor):
    return AgentRunFactory(tenant=agent.tenant, agent=agent, started_by=contributor)


@pytest.fixture
def found(api, contributor):
    """`found({"status": "failed"})`: the questions of the runs in the answer."""

    def get(query=None, by=None):
        answer = api(by or contributor).get("/runs", query)
        return [item["input"] for item in answer.json()["items"]]

    return get


def test_a_run_is_read_with_answer_usage_and_times(run, api, contributor):
    answer = api(contributor).get(f"/runs/{run.pk}").json()

    assert (answer["status"], answer["output"]) == ("completed", "Five working days.")
    assert answer["timing"] == {"first_token_ms": 300, "duration_ms": 1200}


def test_a_run_that_failed_has_no_output(api, contributor, agent):
    run = AgentRunFactory(
        tenant=agent.tenant,
        agent=agent,
        started_by=contributor,
        status="failed",
        output="",
        partial="Five work",
        cause="It broke.",
        cause_code="provider_cut_off",
        cost=None,
    )

    answer = api(contributor).get(f"/runs/{run.pk}").json()

    assert (answer["output"], answer["code"]) == (None, "provider_cut_off")
    assert answer["usage"]["cost"] is None


def test_runs_are_listed_newest_first_in_pages(agent, contributor, api):
    for n in range(3):
        AgentRunFactory(tenant=agent.tenant, agent=agent, started_by=contributor, input=f"Q{n}")

    first = api(contributor).get("/runs", {"limit": 2}).json()
    rest = api(contributor).get("/runs", {"limit": 2, "cursor": first["next_cursor"]}).json()

    assert [item["input"] for item in first["items"]] == ["Q2", "Q1"]
    assert ([item["input"] for item in rest["items"]], rest["next_cursor"]) == (["Q0"], None)


@pytest.mark.parametrize(
    ("query", "questions"),
    [
        ({"status": "failed"}, ["failed"]),
        ({"origin": "console"}, ["console"]),
        ({"q": "FAIL"}, ["failed"]),
        ({"sort": "duration", "origin": "api"}, ["quick", "failed", "other agent"]),
    ],
)
def test_runs_are_narrowed_and_sorted(agent, tenant, contributor, found, query, questions):
    made = {"tenant": tenant, "agent": agent, "started_by": contributor}
    other = AgentFactory(tenant=tenant, name="Other")
    AgentRunFactory(**{**made, "agent": other}, input="other agent", duration_ms=900)
    AgentRunFactory(**made, input="failed", status="failed", duration_ms=50)
    AgentRunFactory(**made, input="console", origin="console")
    AgentRunFactory(**made, input="quick", duration_ms=5)

    assert found(query) == questions


def test_runs_of_one_agent_and_ones_own_can_be_asked_for(agent, tenant, contributor, viewer, found):
    AgentRunFactory(tenant=tenant, agent=agent, started_by=contributor, input="theirs")
    AgentRunFactory(tenant=tenant, agent=agent, started_by=viewer, input="mine")
    AgentRunFactory(tenant=tenant, started_by=viewer, input="another agent")

    assert found({"agent_id": str(agent.pk)}, by=viewer) == ["mine", "theirs"]
    assert found({"mine": "true"}, by=viewer) == ["another agent", "mine"]


@pytest.mark.parametrize("query", [{"status": "done"}, {"sort": "input"}, {"colour": "red"}])
def test_what_the_list_does_not_know_is_refused(api, contributor, query):
    assert api(contributor).get("/runs", query).status_code == 422


def test_steps_come_in_order_with_exact_input_and_output(run, api, contributor):
    step = RunStepFactory(tenant=run.tenant, run=run, position=2)
    UsageRecordFactory(tenant=run.tenant, run=run, step=step)
    ToolExecutionFactory(
        tenant=run.tenant, run=run, step=step, position=3, arguments={"zone": "UTC"}
    )
    RunStepFactory(tenant=run.tenant, run=run, position=1, kind="retrieval", name="Retrieve")

    items = api(contributor).get(f"/runs/{run.pk}/steps").json()["items"]

    assert [item["kind"] for item in items] == ["retrieval", "model", "tool"]
    assert items[1]["input"] == step.input
    assert items[1]["output"]["text"] == "Hi"
    assert items[1]["usage"]["input_tokens"] == 100
    assert items[2]["input"] == {"zone": "UTC"}
    assert items[0]["usage"] is None


def test_a_persona_that_is_not_shared_is_not_read_in_a_trace(run, api, contributor, agent):
    RunStepFactory(tenant=run.tenant, run=run, position=1)
    AgentRun.unscoped.filter(pk=run.pk).update(persona=agent.persona)
    type(agent.persona).unscoped.update(is_restricted=True)

    (step,) = api(contributor).get(f"/runs/{run.pk}/steps").json()["items"]

    assert step["input"] is None
    assert step["output"]["text"] == "Hi"


def test_a_tool_that_is_not_shared_is_not_read_in_a_trace(run, api, contributor):
    step = RunStepFactory(tenant=run.tenant, run=run, position=1)
    tool = ToolFactory(tenant=run.tenant, is_restricted=True)
    ToolExecutionFactory(tenant=run.tenant, run=run, step=step, position=2, tool=tool)
    offer(run, current_time=tool.pk)

    model, call = api(contributor).get(f"/runs/{run.pk}/steps").json()["items"]

    assert (call["input"], call["output"]) == (None, None)
    assert model["input"] is None


def offer(run, **tools):
    """As if the run's configuration had these tools, by name and id."""
    offered = [{"slug": slug, "tool_id": str(pk)} for slug, pk in tools.items()]
    AgentRun.unscoped.filter(pk=run.pk).update(draft={"persona": None, "tools": offered})


def test_a_tool_that_was_deleted_stays_closed_to_all_but_owners(run, api, contributor, owner):
    step = RunStepFactory(
        tenant=run.tenant, run=run, position=1, output={"text": "", "tool_calls": [{"secret": 1}]}
    )
    ToolExecutionFactory(tenant=run.tenant, run=run, step=step, position=2, error="It said so.")
    offer(run, current_time=uuid.uuid4())

    model, call = api(contributor).get(f"/runs/{run.pk}/steps").json()["items"]
    assert (call["output"], call["error"]) == (None, "It failed.")
    assert model["output"] == {"text": ""}

    model, call = api(owner).get(f"/runs/{run.pk}/steps").json()["items"]
    assert call["error"] == "It said so."
    assert model["output"]["tool_calls"] == [{"secret": 1}]


def test_a_stream_hides_what_the_trace_hides(run, api, contributor):
    hidden = ToolFactory(tenant=run.tenant, is_restricted=True)
    offer(run, pay=hidden.pk)
    told = [
        Event(1, "tool.started", {"tool": "pay", "call_id": "1", "arguments": {"iban": "canary"}}),
        Event(2, "tool.finished", {"tool": "pay", "call_id": "1", "output": "canary", "error": ""}),
        Event(3, "run.completed", {"status": "completed"}),
    ]
    RunEvent.unscoped.bulk_create(events.rows(run, told))

    answer = api(contributor).client.get(f"/api/v1/runs/{run.pk}/events")

    text = b"".join(answer.streaming_content).decode()
    assert "canary" not in text
    assert text.count("event: tool.") == 2


def test_a_run_whose_configuration_is_gone_is_read_without_tools(run, api, contributor):
    AgentRun.unscoped.filter(pk=run.pk).update(draft=None)
    step = RunStepFactory(tenant=run.tenant, run=run, position=1)
    ToolExecutionFactory(tenant=run.tenant, run=run, step=step, position=2)

    model, call = api(contributor).get(f"/runs/{run.pk}/steps").json()["items"]

    assert (model["input"], call["input"], call["output"]) == (None, None, None)


def test_a_run_is_cancelled(agent, contributor, api):
    run = AgentRunFactory(
        tenant=agent.tenant, agent=agent, started_by=contributor, status="queued", started_at=None
    )

    answer = api(contributor).post(f"/runs/{run.pk}/cancel").json()

    assert (answer["status"], answer["code"]) == ("cancelled", "cancelled")


def test_a_list_of_runs_is_a_constant_number_of_queries(
    agent, contributor, api, django_assert_num_queries
):
    client = api(contributor)
    client.get("/runs")
    for _ in range(3):
        AgentRunFactory(tenant=agent.tenant, agent=agent, started_by=contributor)

    with django_assert_num_queries(2):
        client.get("/runs")
