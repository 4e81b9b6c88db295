"""The list of runs, and the page of one."""

import pytest

from agents.runs import live
from agents.runs.events import Event
from agents.runs.models import AgentRun
from tests.factories.agents import AgentFactory
from tests.factories.runs import (
    AgentRunFactory,
    RunStepFactory,
    ToolExecutionFactory,
    UsageRecordFactory,
)


@pytest.fixture
def made(agent, contributor):
    return {"tenant": agent.tenant, "agent": agent, "started_by": contributor}


@pytest.fixture
def run(made):
    return AgentRunFactory(**made)


@pytest.fixture
def see(page, contributor):
    def get(path, by=None, **headers):
        return page(by or contributor).get(f"/t/acme{path}", headers=headers).content.decode()

    return get


# ── The list ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("query", "shown", "hidden"),
    [
        ("?q=first", "First question", "Second question"),
        ("?status=failed", "Second question", "First question"),
        ("?origin=console", "First question", "Second question"),
        ("?status=nonsense", "First question", "Nobody asked"),
    ],
)
def test_the_list_is_searched_and_filtered(see, made, query, shown, hidden):
    AgentRunFactory(**made, input="First question", origin="console")
    AgentRunFactory(**made, input="Second question", status="failed")

    found = see(f"/runs/{query}")

    assert shown in found
    assert hidden not in found


def test_the_list_is_narrowed_to_an_agent_and_to_ones_own(see, made, tenant, viewer):
    other = AgentFactory(tenant=tenant, name="Other helper")
    AgentRunFactory(**{**made, "agent": other}, input="Asked of another")
    AgentRunFactory(**{**made, "started_by": viewer}, input="Asked by me")

    of_agent = see(f"/runs/?agent={other.pk}", by=viewer)
    mine = see("/runs/?who=me", by=viewer)

    assert "Asked of another" in of_agent
    assert "Asked by me" not in of_agent
    assert "Asked by me" in mine
    assert "Asked of another" not in mine


def test_whoever_sees_only_their_own_is_not_asked_whose(see, run):
    assert 'name="who"' not in see("/runs/")


def test_htmx_gets_the_results_alone(see, run):
    piece = see("/runs/", **{"HX-Request": "true"})

    assert "<html" not in piece
    assert run.input in piece


def test_the_list_asks_again_only_while_a_run_goes_on(see, made):
    AgentRunFactory(**made)
    assert "every 3s" not in see("/runs/")

    AgentRunFactory(**made, status="running")
    assert "every 3s" in see("/runs/")


def test_an_empty_list_says_what_it_is_for(see, agent):
    assert "No runs yet" in see("/runs/")
    assert "No runs yet" in see(f"/agents/{agent.pk}/runs/")
    assert "No run fits" in see("/runs/?q=nothing")


def test_an_agents_tab_lists_its_runs(see, made, tenant):
    AgentRunFactory(**made, input="Asked of this one")
    AgentRunFactory(**{**made, "agent": AgentFactory(tenant=tenant)}, input="Asked of another")

    shown = see(f"/agents/{made['agent'].pk}/runs/")

    assert "Asked of this one" in shown
    assert "Asked of another" not in shown


@pytest.mark.parametrize("path", ["/runs/", "/agents/{agent}/runs/"])
def test_a_list_is_a_constant_number_of_queries(
    page, made, contributor, path, django_assert_max_num_queries
):
    for _ in range(5):
        AgentRunFactory(**made)
    client = page(contributor)
    client.get("/t/acme/runs/")

    with django_assert_max_num_queries(8):
        client.get(f"/t/acme{path.format(agent=made['agent'].pk)}")


# ── One run ───────────────────────────────────────────────────────────────────────────────────


def test_a_run_shows_answer_sources_steps_and_totals(see, run):
    cited = {
        "n": 1,
        "document_id": "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4",
        "document": "Refund policy.pdf",
        "page": 12,
        "heading": "Duplicates",
        "chunk_id": "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a5",
        "quote": "Within five days.",
    }
    AgentRun.unscoped.filter(pk=run.pk).update(output="Five days. [1]", citations=[cited])
    step = RunStepFactory(tenant=run.tenant, run=run, position=1)
    UsageRecordFactory(tenant=run.tenant, run=run, step=step)
    ToolExecutionFactory(tenant=run.tenant, run=run, step=step, position=2)

    shown = see(f"/runs/{run.pk}/")

    # There is no such passage any more, so the run itself tells.
    address = f"/t/acme/runs/{run.pk}/sources/#source-1"
    assert shown.count(f'href="{address}"') == 2
    assert "Refund policy.pdf" in shown
    assert "100 in · 20 out" in shown
    assert "current_time" in shown
    assert "<rect" in shown
    assert "1.2 s" in shown


def test_a_failed_run_shows_its_cause_and_no_answer(see, made):
    run = AgentRunFactory(
        **made,
        status="failed",
        output="",
        partial="Refunds take",
        cause="The answer was cut off.",
        cause_code="provider_cut_off",
    )

    shown = see(f"/runs/{run.pk}/")

    assert "The answer was cut off." in shown
    assert "this is not a complete answer" in shown
    assert "provider_cut_off" in shown


def test_a_run_that_goes_on_can_be_followed_and_stopped(see, made):
    run = AgentRunFactory(**made, status="running", output="")

    with live.feeding(run.pk) as feed:
        feed.publish(Event(1, "run.started"))
        feed.publish(Event(2, "message.delta", {"text": "Five work"}))
        shown = see(f"/runs/{run.pk}/")

    assert "Five work" in shown
    assert 'data-after="2"' in shown
    assert f"/t/acme/runs/{run.pk}/events/" in shown
    assert f"/t/acme/runs/{run.pk}/cancel/" in shown
    assert 'http-equiv="refresh"' in shown


def test_the_pieces_of_a_page_are_drawn_alone(see, run):
    RunStepFactory(tenant=run.tenant, run=run, position=1, name="a-model")

    assert "a-model" in see(f"/runs/{run.pk}/trace/")
    assert "Five working days." in see(f"/runs/{run.pk}/turn/")


def test_a_run_is_stopped_from_its_page(page, contributor, made):
    run = AgentRunFactory(**made, status="queued", started_at=None)
    client = page(contributor)

    answer = client.post(f"/t/acme/runs/{run.pk}/cancel/")

    run.refresh_from_db()
    assert (answer.status_code, run.status) == (302, "cancelled")
    again = client.post(f"/t/acme/runs/{run.pk}/cancel/", headers={"HX-Request": "true"})
    assert again.status_code == 204


def test_the_events_of_a_run_reach_its_page(page, contributor, run):
    from agents.runs import events
    from agents.runs.models import RunEvent

    RunEvent.unscoped.bulk_create(events.rows(run, [Event(1, "run.completed", {"a": 1})]))

    answer = page(contributor).get(f"/t/acme/runs/{run.pk}/events/?after=0")

    assert b"".join(answer.streaming_content).startswith(b"id: 1\nevent: run.completed")


def test_steps_hide_what_is_not_shared(see, run, agent):
    RunStepFactory(tenant=run.tenant, run=run, position=1)
    AgentRun.unscoped.filter(pk=run.pk).update(persona=agent.persona)
    type(agent.persona).unscoped.update(is_restricted=True)

    assert "isn’t shared with you" in see(f"/runs/{run.pk}/")


def test_a_run_is_a_constant_number_of_queries(
    page, contributor, run, agent, django_assert_num_queries
):
    AgentRun.unscoped.filter(pk=run.pk).update(persona=agent.persona)
    for position in (1, 3, 5):
        step = RunStepFactory(tenant=run.tenant, run=run, position=position)
        UsageRecordFactory(tenant=run.tenant, run=run, step=step)
        ToolExecutionFactory(tenant=run.tenant, run=run, step=step, position=position + 1)
    client = page(contributor)
    client.get(f"/t/acme/runs/{run.pk}/")

    with django_assert_num_queries(9):
        client.get(f"/t/acme/runs/{run.pk}/")
