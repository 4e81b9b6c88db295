"""Markers in an answer, and the passages behind them."""

import pytest

from agents.runs.citations import Passages
from tests.runs.fakes import passage


@pytest.fixture
def passages():
    found = Passages()
    found.add([passage("Refunds take five days."), passage("Tents dry in a day.", page=None)])
    return found


@pytest.mark.parametrize(
    ("answer", "kept", "numbers"),
    [
        ("Five days. [1]", "Five days. [1]", [1]),
        ("Five days.[1][2]", "Five days.[1][2]", [1, 2]),
        ("Five days. [2, 1]", "Five days. [2][1]", [1, 2]),
        ("Five days. [7]", "Five days.", []),
        ("Five days. [1; 9] Yes.", "Five days. [1] Yes.", [1]),
        ("`list[1]` and\n```\na[2]\n```", "`list[1]` and\n```\na[2]\n```", []),
        ("A [1](https://example.org) link", "A [1](https://example.org) link", []),
        ("Nothing here.", "Nothing here.", []),
        ("Ten [0] and [1234].", "Ten and [1234].", []),
    ],
)
def test_known_markers_stay_and_unknown_ones_go(passages, answer, kept, numbers):
    text, citations = passages.resolve(answer)

    assert text == kept
    assert [citation.n for citation in citations] == numbers


def test_a_passage_that_is_found_twice_keeps_its_number():
    passages, first, second = Passages(), passage("A"), passage("B")
    passages.add([first, second])

    again = passages.add([second])

    assert [numbered.number for numbered in again] == [2]
    assert len(passages.numbered()) == 2


def test_the_quote_is_the_sentence_that_the_answer_rests_on():
    passages = Passages()
    passages.add([passage("Cards show it in three days. Money is sent at once. Ask finance.")])

    _, (citation,) = passages.resolve("The money is sent at once. [1]")

    assert citation.quote == "Money is sent at once."


def test_a_quote_is_never_long():
    passages = Passages()
    passages.add([passage("word " * 500)])

    _, (citation,) = passages.resolve("word [1]")

    assert len(citation.quote) <= 320
