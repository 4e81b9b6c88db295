"""A stream that is asked for again under its Idempotency-Key is the same run's."""

import json

import pytest

from agents.runs.models import AgentRun

pytestmark = pytest.mark.django_db
QUESTION = {"input": "How long do refunds take?"}


def events(response):
    """What was told, however its keys are ordered: kept events have the database's order."""
    lines = b"".join(response.streaming_content).decode().splitlines()
    return [json.loads(line[6:]) if line.startswith("data: ") else line for line in lines]


def test_a_repeated_stream_tells_the_same_run_and_starts_none(
    short_connections, api, contributor, agent
):
    client, name = api(contributor), {"headers": {"Idempotency-Key": "s-1"}}
    first = client.post(f"/agents/{agent.pk}/stream", QUESTION, **name)
    told = events(first)

    second = client.post(f"/agents/{agent.pk}/stream", QUESTION, **name)

    assert events(second) == told
    assert second["Content-Type"] == "text/event-stream"
    assert second["Idempotent-Replayed"] == "true"
    assert AgentRun.unscoped.count() == 1


def test_a_repeated_run_is_paid_once(short_connections, api, contributor, agent):
    client, name = api(contributor), {"headers": {"Idempotency-Key": "s-1"}}

    first, second = (client.post(f"/agents/{agent.pk}/execute", QUESTION, **name) for _ in range(2))

    assert first.json() == second.json()
    assert AgentRun.unscoped.count() == 1
