"""A whole run with the real SDK while the provider fails in every way that it can."""

import pytest

from agents.runs.models import AgentRun, RunEvent, RunStep, UsageRecord

pytestmark = pytest.mark.usefixtures("quick_retries")


def test_a_run_over_the_wire_keeps_answer_step_and_usage(openai_agent, ask):
    run = ask(openai_agent("words=5"))

    assert (run.status, run.output) == ("completed", "The quick answer is that")
    assert RunStep.unscoped.filter(run=run).count() == 1
    assert UsageRecord.unscoped.get(run=run).output_tokens == 5


@pytest.mark.parametrize("failure", ["status=429", "status=500", "garbage", "refuse", "end=0"])
def test_what_failed_twice_before_the_first_token_is_tried_again(openai_agent, ask, fake, failure):
    run = ask(openai_agent(f"{failure},times=2"))

    assert run.status == "completed"
    assert len(fake.requests) == 3
    step = RunStep.unscoped.get(run=run)
    assert (step.attempts, len(step.output["troubles"])) == (3, 2)
    assert UsageRecord.unscoped.filter(run=run).count() == 1


@pytest.mark.parametrize(
    ("failure", "code"),
    [
        ("status=429", "provider_rate_limited"),
        ("status=500", "provider_unavailable"),
        ("garbage", "provider_garbled"),
        ("refuse", "provider_unreachable"),
    ],
)
def test_what_fails_every_time_fails_the_run_with_its_cause(openai_agent, ask, fake, failure, code):
    run = ask(openai_agent(failure))

    assert (run.status, run.cause_code, run.output) == ("failed", code, "")
    assert run.cause
    assert len(fake.requests) == 3
    assert not UsageRecord.unscoped.filter(run=run).exists()
    assert run.finished_at is not None


@pytest.mark.parametrize("failure", ["status=400", "status=401", "status=404"])
def test_what_will_never_succeed_is_tried_once(openai_agent, ask, fake, failure):
    run = ask(openai_agent(failure))

    assert run.status == "failed"
    assert len(fake.requests) == 1


@pytest.mark.parametrize("failure", ["cut=40", "end=40"])
def test_an_answer_cut_after_forty_tokens_is_not_complete_and_is_booked_once(
    openai_agent, ask, fake, failure
):
    run = ask(openai_agent(f"{failure},words=60"))

    assert (run.status, run.cause_code, run.output) == ("failed", "provider_cut_off", "")
    assert len(run.partial.split()) == 40
    assert len(fake.requests) == 1
    usage = UsageRecord.unscoped.get(run=run)
    assert usage.is_estimated
    assert usage.output_tokens > 0
    types = [event.type for event in RunEvent.unscoped.filter(run=run).order_by("number")]
    assert types == ["run.started", "message.delta", "run.failed"]


@pytest.mark.parametrize("failure", ["hang", "silent=3", "trickle"])
def test_a_silent_provider_ends_the_run_at_the_agents_limit(openai_agent, ask, failure):
    run = ask(openai_agent(failure, timeout_seconds=1))

    assert (run.status, run.cause_code) == ("failed", "timed_out")
    assert run.duration_ms > 900


def test_a_wait_longer_than_the_run_has_left_is_not_begun(openai_agent, ask, fake):
    run = ask(openai_agent("status=429,retry_after=30", timeout_seconds=5))

    assert (run.status, run.cause_code) == ("failed", "provider_rate_limited")
    assert len(fake.requests) == 1


def test_the_wait_that_the_provider_asks_for_is_kept(openai_agent, ask):
    run = ask(openai_agent("status=429,retry_after=0.4,times=1"))

    assert run.status == "completed"
    assert run.duration_ms >= 400


def test_a_provider_that_was_deleted_is_a_cause_that_people_understand(openai_agent, ask):
    agent = openai_agent("instant")
    spec = agent.published_version.spec
    spec["routes"][0]["provider_id"] = "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4"
    type(agent.published_version).unscoped.filter(pk=agent.published_version_id).update(spec=spec)

    run = ask(type(agent).unscoped.get(pk=agent.pk))

    assert (run.status, run.cause_code) == ("failed", "provider_misconfigured")


def test_a_key_that_cannot_be_opened_is_a_cause_that_people_understand(openai_agent, ask, settings):
    agent = openai_agent("instant")
    secret = agent.provider.secret
    type(secret).unscoped.filter(pk=secret.pk).update(sealed=b"x" * 40)

    run = ask(agent)

    assert (run.status, run.cause_code) == ("failed", "provider_misconfigured")


def test_tools_are_called_over_the_wire(openai_agent, ask, tenant):
    from tests.factories.agents import AgentToolFactory
    from tests.factories.tools import BuiltinToolFactory
    from tests.runs.conftest import republished

    agent = openai_agent("tool=current_time,calls=2")
    tool = BuiltinToolFactory(tenant=tenant, slug="current_time")
    AgentToolFactory(tenant=tenant, agent=agent, tool=tool)

    run = ask(republished(agent))

    assert (run.status, run.tool_call_count, run.step_count) == ("completed", 2, 2)


def test_no_secret_is_kept_with_a_run(openai_agent, ask):
    run = ask(openai_agent("status=401"))

    kept = [
        *RunStep.unscoped.filter(run=run).values_list("input", "output", "error"),
        *RunEvent.unscoped.filter(run=run).values_list("payload", flat=True),
        *AgentRun.unscoped.filter(pk=run.pk).values(),
    ]
    assert "sk-canary" not in str(kept)
