"""Runs and what happened in them."""

import factory
from django.utils import timezone

from agents.runs.models import AgentRun, RunEvent, RunStep, ToolExecution, UsageRecord
from tests.factories.agents import AgentFactory
from tests.factories.tenants import OwnedFactory, UserFactory


class AgentRunFactory(OwnedFactory):
    """A completed run of a published agent."""

    class Meta:
        model = AgentRun

    agent = factory.SubFactory(AgentFactory, tenant=factory.SelfAttribute("..tenant"))
    agent_name = factory.SelfAttribute("agent.name")
    version_number = 1
    # What is asked of the kept configuration: which persona and which tools were in it.
    draft = factory.LazyFunction(lambda: {"persona": None, "tools": []})
    model = "demo"
    started_by = factory.SubFactory(UserFactory)
    origin = "api"
    status = "completed"
    input = "How long do refunds take?"
    output = "Five working days."
    cost = 0
    duration_ms = 1200
    first_token_ms = 300
    started_at = factory.LazyFunction(timezone.now)
    finished_at = factory.LazyFunction(timezone.now)


class OfRunFactory(OwnedFactory):
    class Meta:
        abstract = True

    run = factory.SubFactory(AgentRunFactory, tenant=factory.SelfAttribute("..tenant"))

    @classmethod
    def _setup_next_sequence(cls):
        """Positions are small numbers; tests write smaller ones."""
        return 1_000


class RunStepFactory(OfRunFactory):
    class Meta:
        model = RunStep

    position = factory.Sequence(lambda n: n)
    kind = "model"
    name = "demo"
    offset_ms = 0
    duration_ms = 800
    input = factory.LazyFunction(lambda: {"messages": [{"role": "user", "content": "Hello"}]})
    output = factory.LazyFunction(lambda: {"text": "Hi", "is_complete": True})


class ToolExecutionFactory(OfRunFactory):
    class Meta:
        model = ToolExecution

    step = factory.SubFactory(
        RunStepFactory,
        tenant=factory.SelfAttribute("..tenant"),
        run=factory.SelfAttribute("..run"),
    )
    position = factory.Sequence(lambda n: n + 10_000)
    call_id = "call_0"
    name = "current_time"
    is_ok = True
    output = '{"time": "2026-11-02T09:12:44+00:00"}'
    offset_ms = 800
    duration_ms = 12


class RunEventFactory(OfRunFactory):
    class Meta:
        model = RunEvent

    first = 1
    number = factory.SelfAttribute("first")
    type = "run.started"
    payload = factory.LazyFunction(dict)


class UsageRecordFactory(OfRunFactory):
    class Meta:
        model = UsageRecord

    step = factory.SubFactory(
        RunStepFactory,
        tenant=factory.SelfAttribute("..tenant"),
        run=factory.SelfAttribute("..run"),
    )
    agent = factory.SelfAttribute("run.agent")
    provider_kind = "demo"
    model = "demo"
    input_tokens = 100
    output_tokens = 20
    cost = 0
