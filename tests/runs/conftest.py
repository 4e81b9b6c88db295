import threading
from dataclasses import replace

import pytest

from agents.models import Agent
from agents.runs import engine, services
from agents.runs.performing import perform
from tests.factories.agents import AgentFactory, publish
from tests.factories.tenants import ProviderFactory, SecretFactory


@pytest.fixture
def quick_retries(monkeypatch):
    """Retries wait next to nothing."""
    monkeypatch.setattr("agents.runs.engine.model_calls.FIRST_PAUSE", 0.001)


@pytest.fixture
def agent(tenant):
    """Published, without tools and sources, answered by the demo provider."""
    return AgentFactory(tenant=tenant, name="Billing helper", published=True)


@pytest.fixture
def openai_agent(tenant, fake):
    """`openai_agent("words=5")`: published, answered by the fake server with the real SDK."""

    def make(model, **fields):
        provider = ProviderFactory(
            tenant=tenant,
            base_url=fields.pop("base_url", fake.base_url),
            secret=SecretFactory(tenant=tenant, value="sk-canary-0123456789"),
        )
        return AgentFactory(tenant=tenant, provider=provider, model=model, published=True, **fields)

    return make


@pytest.fixture
def ask(access, contributor):
    """`ask(agent, "…")`: a run to its end, by the contributor unless told; the run."""

    def run(agent, text="How long do refunds take?", by=None, ports=None, **fields):
        fields = {"origin": "api", **fields}
        task = services.start_run(access(by or contributor), agent, text=text, **fields)
        if ports:
            task = replace(task, ports=ports)
        perform(task)
        task.run.refresh_from_db()
        return task.run

    return run


@pytest.fixture
def events_of(access, contributor):
    """`events_of(agent, ports)`: the engine's events themselves, and the run."""

    def collect(agent, ports, text="How long do refunds take?", **fields):
        fields = {"origin": "api", **fields}
        task = services.start_run(access(contributor), agent, text=text, **fields)
        found = list(engine.events(replace(task, ports=ports)))
        task.run.refresh_from_db()
        return found, task.run

    return collect


@pytest.fixture
def configured(agent):
    """`configured(max_steps=2)`: the agent with these, published anew."""

    def publish_with(**fields):
        Agent.unscoped.filter(pk=agent.pk).update(**fields)
        return republished(agent)

    return publish_with


def republished(agent):
    """The agent, published as the database has it now."""
    fresh = Agent.unscoped.get(pk=agent.pk)
    publish(fresh)
    return fresh


@pytest.fixture
def short_connections(transactional_db):
    """Threads close their database connections, so that the test database can be dropped."""
    from django.db import connections

    connections.settings["default"]["CONN_MAX_AGE"] = 0
    yield
    connections.settings["default"]["CONN_MAX_AGE"] = None
    for thread in threading.enumerate():
        if thread.name == "run-heartbeats":
            thread.join(3)
