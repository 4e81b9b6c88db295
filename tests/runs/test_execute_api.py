"""POST /agents/{id}/execute: ask and wait, or have a worker do it."""

import pytest

from agents.runs import performing
from agents.runs.models import AgentRun
from agents.runs.tasks import execute_run
from tenants.jobs import perform
from tenants.models import Job
from tests.factories.agents import AgentFactory, AgentSourceFactory
from tests.factories.knowledge import SourceFactory, indexed
from tests.knowledge.made_files import pdf
from tests.runs.conftest import republished

QUESTION = {"input": "How long do refunds take?"}


@pytest.fixture
def execute(api, contributor, agent):
    """`execute({...})` by the contributor, of the published agent unless told."""

    def post(body=QUESTION, by=None, of=None, **extra):
        return api(by or contributor).post(f"/agents/{(of or agent).pk}/execute", body, **extra)

    return post


def test_the_answer_comes_with_usage_steps_and_times(execute, agent):
    answer = execute().json()

    run = AgentRun.unscoped.get()
    assert answer["id"] == str(run.pk)
    assert answer["status"] == "completed"
    assert answer["output"].startswith("I found nothing about this")
    assert answer["version"] == 1
    assert answer["steps"] == 1
    assert answer["usage"]["output_tokens"] > 0
    assert answer["usage"]["cost"] == {"amount": "0", "currency": "USD"}
    assert answer["timing"]["duration_ms"] >= answer["timing"]["first_token_ms"] >= 0
    assert (answer["code"], answer["cause"]) == (None, None)


def test_an_answer_cites_document_and_page(execute, agent, access, owner, page):
    source = SourceFactory(tenant=agent.tenant)
    indexed(access(owner), source, ("Refunds.pdf", pdf(pages=3, marker="refunds")))
    AgentSourceFactory(tenant=agent.tenant, agent=agent, source=source)

    asked = {"input": "Which page has the word refunds2?"}
    answer = execute(asked, of=republished(agent)).json()

    (citation,) = answer["citations"]
    assert f"[{citation['n']}]" in answer["output"]
    assert (citation["document"], citation["page"]) == ("Refunds.pdf", 2)
    assert citation["quote"] == "Only this page has the word refunds2."
    opened = page(owner).get(f"/t/acme/knowledge/passages/{citation['chunk_id']}/")
    assert "Refunds.pdf" in opened.content.decode()


def test_the_run_is_its_starters_through_the_key(execute, contributor):
    execute()

    run = AgentRun.unscoped.get()
    assert (run.started_by, run.origin) == (contributor, "api")
    assert run.key.user == contributor


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/input"),
        ({"input": ""}, "/input"),
        ({"input": " \x07 "}, "/input"),
        ({"input": "x" * 32_001}, "/input"),
        ({"input": "Hi", "model": "gpt"}, "/model"),
        ({"input": "Hi", "version": "newest"}, "/version"),
        ({"input": "Hi", "persona_values": {"nobody": "x"}}, "/persona_values"),
    ],
)
def test_what_is_not_right_is_refused_before_anything_runs(execute, body, pointer):
    answer = execute(body)

    assert answer.status_code == 422
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]
    assert not AgentRun.unscoped.exists()


def test_an_agent_that_was_never_published_is_a_conflict(execute, tenant):
    answer = execute(of=AgentFactory(tenant=tenant))

    assert (answer.status_code, answer.json()["code"]) == (409, "not_published")


def test_the_draft_is_for_those_who_may_change_the_agent(execute, editor):
    draft = {**QUESTION, "version": "draft"}

    assert execute(draft).status_code == 403
    answer = execute(draft, by=editor).json()
    assert (answer["status"], answer["version"]) == ("completed", None)
    assert AgentRun.unscoped.get().draft["agent_name"] == "Billing helper"


def test_a_failing_run_says_why(api, contributor, openai_agent, quick_retries):
    agent = openai_agent("status=500")

    answer = api(contributor).post(f"/agents/{agent.pk}/execute", QUESTION)

    assert answer.status_code == 200
    assert answer.json()["status"] == "failed"
    assert answer.json()["output"] is None
    assert answer.json()["code"] == "provider_unavailable"
    assert "500" in answer.json()["cause"]


# ── Prefer: respond-async ─────────────────────────────────────────────────────────────────────


def queued(execute):
    answer = execute(headers={"Prefer": "respond-async"})
    return answer, Job.unscoped.get()


def test_a_queued_run_answers_at_once_with_run_and_job(execute):
    answer, job = queued(execute)

    assert answer.status_code == 202
    body = answer.json()
    assert answer["Location"] == f"/api/v1/runs/{body['run']['id']}"
    assert answer["Preference-Applied"] == "respond-async"
    assert (body["run"]["status"], body["job"]["id"]) == ("queued", str(job.pk))


def test_a_worker_does_the_queued_run(execute):
    _, job = queued(execute)

    perform(job.pk, execute_run)

    job.refresh_from_db()
    run = AgentRun.unscoped.get()
    assert (job.status, run.status, run.step_count) == ("done", "completed", 1)


def test_a_worker_does_a_keys_run_with_no_more_than_the_keys_rights(
    api, contributor, agent, monkeypatch
):
    api(contributor, "run_agents").post(
        f"/agents/{agent.pk}/execute", QUESTION, headers={"Prefer": "respond-async"}
    )
    done_by = []
    monkeypatch.setattr(performing, "perform", lambda task, **_: done_by.append(task.access))

    perform(Job.unscoped.get().pk, execute_run)

    assert done_by[0].scopes == {"run_agents", "view_agents"}


def test_the_draft_runs_as_it_was_when_it_was_queued(api, editor, agent):
    asked = {**QUESTION, "version": "draft", "persona_values": {"company": "Globex"}}
    api(editor).post(f"/agents/{agent.pk}/execute", asked, headers={"Prefer": "respond-async"})
    agent.persona.instructions = "Changed meanwhile."
    agent.persona.save()

    perform(Job.unscoped.get().pk, execute_run)

    system = AgentRun.unscoped.get().steps.get().input["messages"][0]["content"]
    assert "Help the customers of Globex." in system


def test_the_job_of_a_failed_run_fails_with_its_cause(
    api, contributor, openai_agent, quick_retries
):
    agent = openai_agent("status=500")
    api(contributor).post(
        f"/agents/{agent.pk}/execute", QUESTION, headers={"Prefer": "respond-async"}
    )

    perform(Job.unscoped.get().pk, execute_run)

    job = Job.unscoped.get()
    assert (job.status, job.cause_code) == ("failed", "provider_unavailable")


def test_a_second_attempt_does_not_run_again_what_a_dead_worker_began(execute):
    _, job = queued(execute)
    AgentRun.unscoped.update(status="running")

    perform(job.pk, execute_run)

    job.refresh_from_db()
    run = AgentRun.unscoped.get()
    assert (run.status, job.status) == ("interrupted", "failed")
    assert run.step_count == 0


def test_cancelling_the_job_cancels_its_waiting_run(execute, api, contributor):
    _, job = queued(execute)

    api(contributor).post(f"/jobs/{job.pk}/cancel")

    assert AgentRun.unscoped.get().status == "cancelled"


def test_a_job_whose_run_was_cancelled_is_cancelled_too(execute, api, contributor):
    _, job = queued(execute)
    api(contributor).post(f"/runs/{AgentRun.unscoped.get().pk}/cancel")

    perform(job.pk, execute_run)

    job.refresh_from_db()
    assert job.status == "cancelled"


def test_a_run_is_a_small_constant_number_of_queries(
    execute, openai_agent, django_assert_num_queries
):
    agent = openai_agent("instant")
    execute(of=agent)

    # key with member, its last use; agent; version; the run; provider with secret; its last use;
    # then begin, run, step, usage, events, commit
    with django_assert_num_queries(8):
        execute(of=agent)
