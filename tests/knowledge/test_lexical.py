"""Terms, and BM25 as an inner product."""

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge import lexical
from knowledge.lexical import K1, B, terms

PASSAGES = [
    "Parental leave is sixteen weeks, and parents share their leave.",
    "Travel costs are paid back within a month after travelling.",
    "Ask the team lead for leave.",
    "",
]


def reference_score(query, number):
    """BM25 from its definition, without hashing, vectors or a database."""
    documents = [terms(passage) for passage in PASSAGES]
    average = sum(map(len, documents)) / len(documents)
    score = 0.0
    for term in terms(query):
        holding = sum(term in document for document in documents)
        idf = math.log(1 + (len(documents) - holding + 0.5) / (holding + 0.5))
        frequency = documents[number].count(term)
        length = len(documents[number])
        score += idf * frequency * (K1 + 1) / (frequency + K1 * (1 - B + B * length / average))
    return score


@pytest.mark.parametrize("number", range(len(PASSAGES)))
@pytest.mark.parametrize("query", ["parental leave", "leave leave travel", "unknown word", ""])
def test_the_inner_product_is_the_bm25_score(query, number):
    documents = [terms(passage) for passage in PASSAGES]
    average = sum(map(len, documents)) / len(documents)
    holding = Counter(lexical.term_id(t) for document in documents for t in set(document))

    asked = lexical.query_weights(terms(query), len(PASSAGES), holding)
    stored = lexical.passage_weights(PASSAGES[number], average)

    score = sum(weight * stored.get(dimension, 0) for dimension, weight in asked.items())
    assert score == pytest.approx(reference_score(query, number))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Running runners RAN", ["run", "runner", "ran"]),
        ("What is the leave?", ["leav"]),
        ("ISO-27001, version 2.5", ["iso", "27001", "version", "2", "5"]),
        ("snake_case names", ["snake", "case", "name"]),
        ("Café Müller ＡＢＣ", ["cafe", "muller", "abc"]),
        ("Straße", ["strass"]),
        ("東京都庁", ["東京", "京都", "都庁"]),
        ("用B級", ["用", "b", "級"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("", []),
    ],
)
def test_terms_of_many_scripts(text, expected):
    assert terms(text) == expected


@given(st.text())
def test_any_text_has_terms_that_can_be_stored(text):
    for dimension, weight in lexical.passage_weights(text, 100).items():
        assert 0 <= dimension < lexical.DIMENSIONS
        assert 0 < weight < K1 + 1


def test_a_rare_term_tells_more_and_none_tells_against():
    assert lexical.idf(1_000, 1) > lexical.idf(1_000, 500) > lexical.idf(1_000, 1_000) > 0


def test_counts_that_lag_behind_do_no_harm():
    assert lexical.idf(5, 9) == lexical.idf(5, 5)
    assert lexical.idf(0, 0) > 0
