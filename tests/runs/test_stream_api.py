"""POST /agents/{id}/stream and GET /runs/{id}/events: the answer as it comes."""

import json
import threading

import pytest

from agents.runs import events
from agents.runs.models import AgentRun
from agents.runs.providers.demo import DemoProvider
from tests.factories.agents import AgentFactory
from tests.factories.runs import AgentRunFactory

QUESTION = {"input": "How long do refunds take?"}


def told(response):
    """The events of a stream, each as (id, event, data)."""
    text = b"".join(response.streaming_content).decode()
    blocks = [block.split("\n") for block in text.strip().split("\n\n")]
    return [
        (int(lines[0][4:]), lines[1][7:], json.loads(lines[2][6:]))
        for lines in blocks
        if lines[0].startswith("id: ")
    ]


@pytest.fixture
def stream(short_connections, api, contributor, agent):
    def post(body=QUESTION, of=None):
        return api(contributor).post(f"/agents/{(of or agent).pk}/stream", body)

    return post


def test_the_events_of_a_run_come_in_order_with_their_ids(stream):
    response = stream()

    found = told(response)
    assert response["Content-Type"] == "text/event-stream"
    assert [number for number, _, _ in found] == list(range(1, len(found) + 1))
    names = [name for _, name, _ in found]
    assert names[0] == "run.started"
    assert names[1] == "message.delta"
    assert names[-2:] == ["message.completed", "run.completed"]


def test_the_pieces_together_are_the_answer(stream):
    found = told(stream())

    pieces = "".join(data["text"] for _, name, data in found if name == "message.delta")
    completed = next(data for _, name, data in found if name == "message.completed")
    assert pieces.strip() == completed["text"].strip()
    assert AgentRun.unscoped.get().output == completed["text"]


def test_the_first_event_comes_before_the_provider_says_a_word(stream, monkeypatch):
    may_go, really = threading.Event(), DemoProvider.stream

    def held(*args):
        may_go.wait(60)
        yield from really(*args)

    monkeypatch.setattr(DemoProvider, "stream", held)
    pieces = iter(stream().streaming_content)
    first, status = next(pieces), AgentRun.unscoped.get().status
    may_go.set()

    assert b"run.started" in first
    assert status == "running"
    assert b"run.completed" in [*pieces][-1]


def test_the_last_event_says_what_the_run_used(stream):
    *_, (_, name, data) = told(stream())

    run = AgentRun.unscoped.get()
    assert name == "run.completed"
    assert data["run_id"] == str(run.pk)
    assert data["usage"]["output_tokens"] == run.output_tokens
    assert data["usage"]["cost"] == {"amount": "0", "currency": "USD"}


def test_whoever_drops_gets_exactly_the_rest(stream, api, contributor, tenant):
    slow = AgentFactory(tenant=tenant, model="demo-slow", published=True)
    response = stream(of=slow)
    heard = [next(iter(response.streaming_content)) for _ in range(4)]
    response.close()
    run = AgentRun.unscoped.get()

    last = heard[-1].split(b"\n")[0].removeprefix(b"id: ").decode()
    rest = api(contributor).get(f"/runs/{run.pk}/events", headers={"Last-Event-ID": last})

    numbers = [number for number, _, _ in told(rest)]
    run.refresh_from_db()
    assert run.status == "completed"
    assert numbers == list(range(int(last) + 1, numbers[-1] + 1))
    assert numbers[-1] == [event.number for event in events.kept(run.pk)][-1]


def test_a_finished_run_can_be_heard_again_from_the_start(stream, api, contributor):
    first = told(stream())
    run = AgentRun.unscoped.get()

    again = told(api(contributor).get(f"/runs/{run.pk}/events"))

    assert again == first


def test_there_is_nothing_after_the_last_event(stream, api, contributor):
    found = told(stream())
    run = AgentRun.unscoped.get()

    answer = api(contributor).get(
        f"/runs/{run.pk}/events", headers={"Last-Event-ID": str(found[-1][0])}
    )

    assert answer.status_code == 204


def test_a_run_that_was_ended_from_outside_has_a_last_event(api, contributor, agent):
    from agents.runs import endings

    run = AgentRunFactory(
        tenant=agent.tenant, agent=agent, started_by=contributor, status="running", output=""
    )
    endings.end_from_outside(run.pk, "interrupted", "Gone.", "interrupted", while_in=["running"])

    (_, name, data) = told(api(contributor).get(f"/runs/{run.pk}/events"))[-1]

    assert (name, data["status"], data["code"]) == ("run.failed", "interrupted", "interrupted")


def test_what_is_not_right_is_refused_before_the_stream_begins(stream, tenant):
    assert stream({"input": ""}).status_code == 422
    assert stream({"input": "Hi", "stream": True}).status_code == 422
    assert stream(of=AgentFactory(tenant=tenant)).status_code == 409
    assert not AgentRun.unscoped.exists()
