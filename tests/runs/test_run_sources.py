"""What an answer cited stays readable, whatever became of the document."""

import pytest

from agents.runs.models import AgentRun
from knowledge import services
from knowledge.models import Source
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory, indexed, work
from tests.factories.runs import AgentRunFactory, RunStepFactory

pytestmark = pytest.mark.django_db

WORDS = "Refunds take five working days. Nothing else does."


@pytest.fixture
def source(tenant):
    return SourceFactory(tenant=tenant, name="Handbook")


@pytest.fixture
def document(access, editor, source):
    [document] = indexed(access(editor), source, ("Refunds.txt", WORDS))
    return document


@pytest.fixture
def run(tenant, editor, document):
    passage = document.chunks.get()
    cited = {
        "n": 1,
        "document_id": str(document.pk),
        "document": document.name,
        "page": None,
        "heading": "",
        "chunk_id": str(passage.pk),
        "quote": "Refunds take five working days.",
    }
    run = AgentRunFactory(
        tenant=tenant,
        agent=AgentFactory(tenant=tenant),
        started_by=editor,
        output="Five days. [1]",
        citations=[cited],
        source_ids=[document.source_id],
    )
    RunStepFactory(
        tenant=tenant,
        run=run,
        position=1,
        kind="retrieval",
        output={"passages": [{**cited, "text": passage.text}]},
    )
    return run


@pytest.fixture
def see(page):
    def read(user, path):
        response = page(user).get(f"/t/acme/{path}")
        assert response.status_code == 200
        return response.content.decode()

    return read


def replaced(access, editor, document, text):
    """The document, read anew from another file."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    services.replace_document(access(editor), document, SimpleUploadedFile("R.txt", text.encode()))
    document.refresh_from_db()
    work(document)


def read_again(access, editor, document):
    services.retry_document(access(editor), document)
    document.refresh_from_db()
    work(document)


def test_a_citation_leads_to_its_passage_while_that_is_there(see, editor, run):
    shown = see(editor, f"runs/{run.pk}/")

    assert shown.count(f'href="/t/acme/knowledge/passages/{run.citations[0]["chunk_id"]}/"') == 2


def test_a_citation_of_a_document_that_changed_leads_to_what_was_cited(
    see, editor, access, document, run
):
    replaced(access, editor, document, "Refunds take ten days.")

    answer = see(editor, f"runs/{run.pk}/")
    shown = see(editor, f"runs/{run.pk}/sources/")

    # From the answer's text, from the list below it and from the trace.
    assert answer.count(f"/t/acme/runs/{run.pk}/sources/#source-1") == 3
    assert "The document has changed since." in shown
    assert WORDS in shown
    assert f"/t/acme/knowledge/documents/{document.pk}/" in shown
    assert "ten days" not in shown


def test_where_the_same_words_still_stand_they_are_found_again(see, editor, access, document, run):
    read_again(access, editor, document)
    passage = document.chunks.get()
    assert str(passage.pk) != run.citations[0]["chunk_id"]

    shown = see(editor, f"runs/{run.pk}/sources/")

    assert f"/t/acme/knowledge/passages/{passage.pk}/" in shown
    assert "has changed" not in shown


def test_without_the_whole_passage_the_quote_is_shown(see, editor, access, document, run):
    run.steps.all().delete()
    replaced(access, editor, document, "Other words.")

    shown = see(editor, f"runs/{run.pk}/sources/")

    assert run.citations[0]["quote"] in shown
    assert "Nothing else does." not in shown


def test_who_may_not_see_the_source_any_more_sees_nothing_of_it(see, editor, document, run):
    Source.unscoped.filter(pk=document.source_id).update(is_restricted=True)

    shown = see(editor, f"runs/{run.pk}/sources/")

    assert "Not available" in shown
    assert "five working days" not in shown
    assert document.name not in shown


def test_a_document_that_was_deleted_shows_nothing(see, editor, owner, access, document, run):
    services.delete_document(access(owner), document)

    shown = see(editor, f"runs/{run.pk}/sources/")

    assert "Not available" in shown
    assert "five working days" not in shown


def test_a_colleague_who_may_not_see_the_source_does_not_see_the_page(page, viewer, document, run):
    Source.unscoped.filter(pk=document.source_id).update(is_restricted=True)

    assert page(viewer).get(f"/t/acme/runs/{run.pk}/sources/").status_code == 404


def test_a_run_without_sources_says_so(see, editor, run):
    AgentRun.unscoped.filter(pk=run.pk).update(citations=[])
    run.steps.all().delete()

    assert "Nothing was found" in see(editor, f"runs/{run.pk}/sources/")


@pytest.mark.parametrize("number", [1, 8])
def test_any_number_of_sources_costs_the_same(
    page, editor, run, number, django_assert_max_num_queries
):
    cited = [{**run.citations[0], "n": n} for n in range(1, number + 1)]
    AgentRun.unscoped.filter(pk=run.pk).update(citations=cited)
    client = page(editor)
    client.get("/t/acme/runs/")

    with django_assert_max_num_queries(9):
        client.get(f"/t/acme/runs/{run.pk}/sources/")
