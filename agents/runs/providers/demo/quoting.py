"""Answers made of sentences that the passages hold, each with its citation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from agents.runs.providers.demo.words import sentences, terms
from agents.runs.providers.port import NumberedPassage

MOST_SENTENCES = 4
# The part of the question's weight that a sentence has to cover to be worth quoting.
ENOUGH = 0.34
# Sentences much weaker than the best are left out.
NEAR_BEST = 0.6


@dataclass(frozen=True, slots=True)
class _Quote:
    score: float
    passage: NumberedPassage
    position: int
    sentence: str


def quoted_answer(question: str, passages: Sequence[NumberedPassage]) -> str:
    """The best sentences under the names of their documents; "" where nothing is relevant."""
    quotes = _best(terms(question), passages)
    in_order = sorted(quotes, key=lambda quote: (quote.passage.number, quote.position))
    parts = []
    for passage, group in groupby(in_order, key=lambda quote: quote.passage):
        said = " ".join(quote.sentence for quote in group)
        parts.append(
            f"From **{_plain(passage.document)}**{_place(passage)}: {said} [{passage.number}]"
        )
    return "\n\n".join(parts)


def _best(wanted: set[str], passages: Sequence[NumberedPassage]) -> list[_Quote]:
    candidates = [
        (passage, position, sentence, terms(f"{passage.heading} {sentence}"))
        for passage in passages
        for position, sentence in enumerate(sentences(passage.text))
    ]
    if not wanted or not candidates:
        return []
    weights = _weights(wanted, [found for *_, found in candidates])
    whole = sum(weights.values())
    quotes = [
        _Quote(sum(weights[term] for term in wanted & found) / whole, passage, position, sentence)
        for passage, position, sentence, found in candidates
    ]
    quotes = _without_repetition(sorted(quotes, key=lambda quote: -quote.score))
    bar = max(ENOUGH, quotes[0].score * NEAR_BEST)
    return [quote for quote in quotes if quote.score >= bar][:MOST_SENTENCES]


def _weights(wanted: set[str], found: Sequence[set[str]]) -> dict[str, float]:
    """Rare terms say more; one that no sentence has counts as the rarest."""
    seen = Counter(term for each in found for term in each & wanted)
    return {term: math.log(1 + len(found) / max(1, seen[term])) for term in wanted}


def _without_repetition(quotes: Sequence[_Quote]) -> list[_Quote]:
    first: dict[str, _Quote] = {}
    for quote in quotes:
        first.setdefault(quote.sentence.casefold(), quote)
    return list(first.values())


def _place(passage: NumberedPassage) -> str:
    if passage.page is not None:
        return f", page {passage.page}"
    return f", “{_plain(passage.heading)}”" if passage.heading else ""


def _plain(text: str) -> str:
    return " ".join(text.replace("*", "").replace("[", "(").replace("]", ")").split())
