"""Answers made of sentences that the passages hold, each with its citation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agents.runs.providers.demo.words import sentences, terms
from agents.runs.providers.port import NumberedPassage

MOST_PASSAGES = 3
MOST_SENTENCES = 3  # of one passage
# Passages much weaker than the best are left out.
NEAR_BEST = 0.8
# How near in meaning (cosine) a passage has to be that has two terms of the question, or one.
CLOSE, CLOSE_WITH_ONE_TERM, VERY_CLOSE = 0.2, 0.35, 0.45
# The part of the question's terms that makes up for a distance in meaning.
MOST_TERMS = 0.6
SHORTEST_MARK = 5  # signs


@dataclass(frozen=True, slots=True)
class _Candidate:
    passage: NumberedPassage
    met: frozenset[str]  # the question's terms in it
    coverage: float  # their part of the question's weight

    @property
    def score(self) -> float:
        return 0.5 * self.coverage + self.passage.closeness


def quoted_answer(question: str, passages: Sequence[NumberedPassage]) -> str:
    """The best sentences under the names of their documents; "" where nothing is relevant."""
    wanted = terms(question)
    candidates = [each for each in _candidates(wanted, passages) if _is_relevant(each, wanted)]
    candidates.sort(key=lambda each: -each.score)
    near = [each for each in candidates if each.score >= candidates[0].score * NEAR_BEST]
    shown = sorted(near[:MOST_PASSAGES], key=lambda each: each.passage.number)
    return "\n\n".join(_quoted(each.passage, wanted) for each in shown)


def _candidates(wanted: set[str], passages: Sequence[NumberedPassage]) -> list[_Candidate]:
    found = [frozenset(terms(f"{each.heading} {each.text}") & wanted) for each in passages]
    seen = Counter(term for met in found for term in met)
    # Rare terms say more; one that no passage has only makes all of them less relevant.
    weights = {term: math.log(1 + len(found) / max(1, seen[term])) for term in wanted}
    whole = sum(weights.values()) or 1.0
    return [
        _Candidate(passage, met, sum(weights[term] for term in met) / whole)
        for passage, met in zip(passages, found, strict=True)
    ]


def _is_relevant(candidate: _Candidate, wanted: set[str]) -> bool:
    closeness, count = candidate.passage.closeness, len(candidate.met)
    if count == 0:
        return closeness >= VERY_CLOSE
    if count >= MOST_TERMS * len(wanted) or any(map(_is_mark, candidate.met)):
        return True
    return closeness >= (CLOSE_WITH_ONE_TERM if count == 1 else CLOSE)


def _is_mark(term: str) -> bool:
    """Whether a term names one thing, as the numbers of parts and the codes of errors do: of such a
    word no model of meaning knows how near it is. Shorter ones are ordinals, hours and sizes."""
    return len(term) >= SHORTEST_MARK and not (term.isdigit() or term.isalpha())


def _quoted(passage: NumberedPassage, wanted: set[str]) -> str:
    said = list(dict.fromkeys(sentences(passage.text)))
    by_fit = sorted(range(len(said)), key=lambda i: (-len(terms(said[i]) & wanted), i))
    chosen = sorted(by_fit[:MOST_SENTENCES])
    quote = " ".join(said[i] for i in chosen)
    return f"From **{_plain(passage.document)}**{_place(passage)}: {quote} [{passage.number}]"


def _place(passage: NumberedPassage) -> str:
    if passage.page is not None:
        return f", page {passage.page}"
    return f", “{_plain(passage.heading)}”" if passage.heading else ""


def _plain(text: str) -> str:
    return " ".join(text.replace("*", "").replace("[", "(").replace("]", ")").split())
