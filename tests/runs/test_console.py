"""The test console: ask the draft or the published version, and go on asking."""

import pytest

from agents.runs.models import AgentRun
from agents.runs.performing import perform
from tests.factories.agents import AgentFactory
from tests.factories.runs import AgentRunFactory

HTMX = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def done_at_once(monkeypatch):
    """Runs of the console are done in the request, not in a thread of their own."""
    monkeypatch.setattr("agents.runs.performing.perform_in_background", perform)


@pytest.fixture
def console(page, contributor, agent):
    """`console()` opens it, `console({...})` asks; by the contributor unless told."""

    def visit(asked=None, by=None, of=None, query="", **headers):
        client = page(by or contributor)
        address = f"/t/acme/agents/{(of or agent).pk}/console/{query}"
        if asked is None:
            return client.get(address)
        return client.post(address, asked, headers=headers or HTMX)

    return visit


def text(response):
    return response.content.decode()


def test_a_question_is_answered_in_the_thread(console):
    response = console({"input": "How long?", "which": "published"})

    run = AgentRun.unscoped.get()
    assert (run.status, run.origin, run.input) == ("completed", "console", "How long?")
    assert f'id="run-{run.pk}"' in text(response)
    assert "I found nothing about this" in text(response)


def test_the_address_leads_back_to_the_conversation(console):
    response = console({"input": "How long?", "which": "published"})

    run = AgentRun.unscoped.get()
    assert response["HX-Push-Url"].endswith(f"?conversation={run.conversation}&which=published")
    assert "How long?" in text(console(query=f"?conversation={run.conversation}"))


def test_without_scripts_the_run_has_a_page_of_its_own(console):
    response = console({"input": "How long?", "which": "published"}, Accept="text/html")

    run = AgentRun.unscoped.get()
    assert (response.status_code, response["Location"]) == (302, f"/t/acme/runs/{run.pk}/")


def test_the_model_remembers_the_conversation(console):
    console({"input": "How long?", "which": "published"})
    first = AgentRun.unscoped.get()

    console({"input": "And by when?", "conversation": first.conversation, "which": "published"})

    second = AgentRun.unscoped.exclude(pk=first.pk).get()
    assert second.conversation == first.conversation
    told = [message["content"] for message in second.steps.get().input["messages"]]
    assert told[1:] == ["How long?", first.output, "And by when?"]


def test_a_conversation_of_somebody_else_is_neither_shown_nor_remembered(console, editor, agent):
    theirs = AgentRunFactory(
        tenant=agent.tenant,
        agent=agent,
        started_by=editor,
        conversation="0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4",
        input="Their secret",
    )

    assert "Their secret" not in text(console(query=f"?conversation={theirs.conversation}"))
    console({"input": "Hi", "conversation": theirs.conversation, "which": "published"})
    mine = AgentRun.unscoped.exclude(pk=theirs.pk).get()
    assert "Their secret" not in str(mine.steps.get().input)


def test_an_old_conversation_is_remembered_as_far_as_it_fits(console, agent, contributor):
    conversation = "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4"
    made = {"tenant": agent.tenant, "agent": agent, "started_by": contributor}
    AgentRunFactory(**made, conversation=conversation, input="Oldest", output="x" * 24_000)
    AgentRunFactory(**made, conversation=conversation, input="Older", output="Yes.")

    console({"input": "Now", "conversation": conversation, "which": "published"})

    run = AgentRun.unscoped.get(input="Now")
    told = [message["content"] for message in run.steps.get().input["messages"]]
    assert told[1:] == ["Older", "Yes.", "Now"]


def test_the_draft_is_offered_to_those_who_may_change_it(console, editor):
    assert "Draft" not in text(console())
    assert ">Draft<" in text(console(by=editor))

    console({"input": "How long?", "which": "draft"}, by=editor)

    assert AgentRun.unscoped.get().is_draft


def test_the_draft_of_an_agent_one_may_not_change_is_refused(console):
    response = console({"input": "How long?", "which": "draft"})

    assert response.status_code == 422
    assert not AgentRun.unscoped.exists()


@pytest.mark.parametrize("words", ["", "  ", "\x07", "x" * 32_001])
def test_a_question_that_is_none_is_refused(console, words):
    response = console({"input": words, "which": "published"})

    assert response.status_code == 422
    assert not AgentRun.unscoped.exists()


def test_an_agent_that_was_never_published_says_so(console, tenant, editor):
    unpublished = AgentFactory(tenant=tenant)

    assert "Not published yet" in text(console(of=unpublished))
    assert console({"input": "Hi"}, of=unpublished).status_code == 422
    assert "Not published yet" not in text(console(of=unpublished, by=editor))


def test_a_damaged_conversation_starts_a_new_one(console):
    assert console(query="?conversation=x").status_code == 200


def test_markup_in_question_and_answer_stays_text(console, agent, contributor):
    run = AgentRunFactory(
        tenant=agent.tenant,
        agent=agent,
        started_by=contributor,
        conversation="0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4",
        input="<script>alert(1)</script>",
        output="<img src=x onerror=alert(2)> **bold** [x](javascript:alert(3))",
    )

    shown = text(console(query=f"?conversation={run.conversation}"))

    assert "<script>alert" not in shown
    assert "<img" not in shown
    assert "javascript:" not in shown.replace("(javascript:alert(3))", "")
    assert "<strong>bold</strong>" in shown


def test_the_console_is_a_constant_number_of_queries(
    page, agent, contributor, django_assert_num_queries
):
    conversation = "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4"
    for _ in range(3):
        AgentRunFactory(
            tenant=agent.tenant, agent=agent, started_by=contributor, conversation=conversation
        )
    client = page(contributor)
    client.get("/t/acme/runs/")

    with django_assert_num_queries(7):
        client.get(f"/t/acme/agents/{agent.pk}/console/?conversation={conversation}")
