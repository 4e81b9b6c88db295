"""A run is done once; who wants its answer after all asks again, with the rights of now."""

import pytest

from agents.runs.tasks import EXECUTE
from tenants.models import Job
from tests.factories.agents import AgentFactory
from tests.factories.runs import AgentRunFactory
from tests.factories.tenants import JobFactory

pytestmark = pytest.mark.django_db

QUESTION = "How long do refunds take, please?"


@pytest.fixture
def run(tenant, editor, agent):
    return AgentRunFactory(
        tenant=tenant, agent=agent, started_by=editor, input=QUESTION, status="failed", output=""
    )


@pytest.fixture
def job(tenant, editor, run):
    return JobFactory(
        tenant=tenant,
        created_by=editor,
        kind=EXECUTE,
        status="failed",
        cause="The provider answered 503.",
        subject_type="runs.agentrun",
        subject_id=run.pk,
        payload={"run_id": str(run.pk)},
    )


def test_the_job_of_a_run_offers_no_other_try(page, editor, job, run):
    shown = page(editor).get(f"/t/acme/jobs/{job.pk}/").content.decode()

    assert "Try again" not in shown
    assert "Open the run to ask the same again." in shown
    assert f"/t/acme/runs/{run.pk}/" in shown


def test_who_tries_anyway_is_told_what_to_do(page, editor, job):
    answer = page(editor).post(f"/t/acme/jobs/{job.pk}/retry/", follow=True)

    assert b"A run is done once." in answer.content
    assert Job.unscoped.get(pk=job.pk).status == "failed"


def test_the_api_answers_409_with_the_cause(api, editor, job):
    answer = api(editor).post(f"/jobs/{job.pk}/retry")

    assert answer.status_code == 409
    assert answer.json()["code"] == "conflict"
    assert answer.json()["detail"].startswith("A run is done once.")
    assert Job.unscoped.get(pk=job.pk).status == "failed"


def test_a_run_that_ended_can_be_asked_again_in_the_console(page, editor, run):
    again = f"/t/acme/agents/{run.agent_id}/console/?again={run.pk}"

    assert again in page(editor).get(f"/t/acme/runs/{run.pk}/").content.decode()
    assert QUESTION in page(editor).get(again).content.decode()


def test_nobody_is_offered_what_they_may_not_run(page, viewer, owner, run):
    assert b"Ask again" in page(owner).get(f"/t/acme/runs/{run.pk}/").content
    assert page(viewer).get(f"/t/acme/agents/{run.agent_id}/console/").status_code == 403
    assert b"Ask again" not in page(viewer).get(f"/t/acme/runs/{run.pk}/").content


@pytest.mark.parametrize("again", ["", "nonsense", "019f0000-0000-7000-8000-000000000000"])
def test_what_is_no_run_fills_nothing_in(page, editor, agent, again):
    answer = page(editor).get(f"/t/acme/agents/{agent.pk}/console/?again={again}")

    assert answer.status_code == 200


def test_the_question_of_a_run_of_another_agent_is_not_filled_in(page, editor, tenant, run):
    other = AgentFactory(tenant=tenant, published=True)

    answer = page(editor).get(f"/t/acme/agents/{other.pk}/console/?again={run.pk}")

    assert QUESTION not in answer.content.decode()


def test_a_question_that_may_not_be_seen_is_not_filled_in(page, contributor, agent, run):
    answer = page(contributor).get(f"/t/acme/agents/{agent.pk}/console/?again={run.pk}")

    assert QUESTION not in answer.content.decode()
