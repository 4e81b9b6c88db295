"""A passage between its neighbours, and the search for passages."""

import pytest

from knowledge import highlighting
from tests.factories.knowledge import SourceFactory, indexed

SEARCH = "/t/acme/knowledge/search/"
TEXT = """# Refunds

Money is sent within five days of the refund.

# Repairs

Tents are patched by the workshop.

# Hours

The desk opens at nine.
"""


@pytest.fixture
def document(tenant, access, editor):
    source = SourceFactory(tenant=tenant, name="Handbook")
    [document] = indexed(access(editor), source, ("rules.md", TEXT))
    return document


def texts(stretches):
    return [(stretch.text, stretch.is_match) for stretch in stretches]


def test_a_passage_stands_between_its_neighbours(page, viewer, document):
    middle = document.chunks.get(position=1)

    response = page(viewer).get(middle.get_absolute_url())

    assert [chunk.position for chunk in response.context["passages"]] == [0, 1, 2]
    body = response.content.decode()
    assert '<article aria-current="true" id="passage">' in body
    assert "2 of 3" in body
    assert f"documents/{document.pk}/file/1/" in body


def test_a_foreign_passage_is_not_there(page, stranger, document):
    chunk = document.chunks.first()

    assert page(stranger).get(f"/t/globex/knowledge/passages/{chunk.pk}/").status_code == 404


def test_search_finds_a_passage_and_marks_its_words(page, viewer, document):
    body = page(viewer).get(SEARCH, {"q": "When is a refund sent?"}).content.decode()

    assert "rules.md" in body
    assert "<mark>refund</mark>" in body
    assert "<mark>sent</mark>" in body
    assert document.chunks.get(position=0).get_absolute_url() in body


def test_text_of_documents_is_never_markup(page, tenant, viewer, access, editor):
    source = SourceFactory(tenant=tenant)
    indexed(access(editor), source, ("x.txt", "Beware of <script>alert(1)</script> refunds"))

    body = page(viewer).get(SEARCH, {"q": "refunds"}).content.decode()

    assert "<script>alert" not in body
    assert "&lt;<" not in body
    assert "alert" in body


def test_search_keeps_to_the_source_that_was_chosen(page, tenant, viewer, document):
    other = SourceFactory(tenant=tenant)

    body = page(viewer).get(SEARCH, {"q": "refund", "source": other.pk}).content.decode()

    assert "Nothing found" in body


def test_a_source_that_is_not_shared_can_not_be_searched(page, other_tenant, viewer):
    foreign = SourceFactory(tenant=other_tenant)

    response = page(viewer).get(SEARCH, {"q": "refund", "source": foreign.pk})

    assert response.status_code == 422


def test_scores_are_explained_on_request(page, viewer, document):
    client = page(viewer)

    assert b"How the scores came about" not in client.get(SEARCH, {"q": "refund"}).content
    explained = client.get(SEARCH, {"q": "refund", "explain": "on"}).content.decode()
    assert "How the scores came about" in explained
    assert "<code>refund</code>" in explained


def test_without_a_question_the_page_says_what_to_ask(page, viewer):
    assert "Ask as you would ask a colleague" in page(viewer).get(SEARCH).content.decode()


def test_words_are_marked_as_search_takes_them():
    found = highlighting.stretches("Refunded: the Refund of refunds", "a refund")

    assert texts(found) == [
        ("Refunded", True),
        (": the ", False),
        ("Refund", True),
        (" of ", False),
        ("refunds", True),
    ]


def test_an_excerpt_begins_shortly_before_the_first_match():
    text = "begin " * 100 + "the refund itself " + "end " * 100

    found = highlighting.excerpt(text, "refund", length=80)

    whole = "".join(stretch.text for stretch in found)
    assert whole.startswith("… begin")
    assert whole.endswith("…")
    assert ("refund", True) in texts(found)
    assert len(whole) < 100


def test_a_short_text_is_its_own_excerpt():
    assert texts(highlighting.excerpt("Nothing of that", "refund")) == [("Nothing of that", False)]
