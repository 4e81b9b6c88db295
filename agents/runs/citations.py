"""From the markers in an answer to the passages behind them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from agents.runs.providers.port import NumberedPassage
from knowledge.retrieval import Passage

LONGEST_QUOTE = 320

# A fence, a span of code, or a marker: [3] or [3, 4]. Numbers in code are no citations.
_TOKEN = re.compile(
    r"(?P<code>```.*?(?:```|\Z)|`[^`\n]*`)"
    r"|(?P<gap>[ \t]?)\[(?P<marker>\d{1,3}(?:\s*[,;]\s*\d{1,3})*)\](?!\()",
    re.DOTALL,
)
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_WORD = re.compile(r"\w{3,}")


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage that an answer rests on; `quote` is the part of it that says so."""

    n: int
    document_id: UUID
    document: str
    page: int | None
    heading: str
    chunk_id: UUID
    quote: str

    def as_json(self) -> dict[str, Any]:
        return {
            **asdict(self),
            "document_id": str(self.document_id),
            "chunk_id": str(self.chunk_id),
        }


class Passages:
    """The passages of a run under their numbers; a passage found twice keeps its first number."""

    def __init__(self) -> None:
        self._numbers: dict[UUID, int] = {}
        self._found: list[Passage] = []

    def add(self, found: Iterable[Passage]) -> list[NumberedPassage]:
        """Number what is new; all that was given, with its numbers."""
        return [self._numbered(passage) for passage in found]

    def _numbered(self, passage: Passage) -> NumberedPassage:
        number = self._numbers.get(passage.chunk_id)
        if number is None:
            self._found.append(passage)
            number = self._numbers[passage.chunk_id] = len(self._found)
        return NumberedPassage(
            number,
            passage.document_name,
            passage.page,
            passage.heading,
            passage.text,
            passage.dense_score,
        )

    def numbered(self) -> tuple[NumberedPassage, ...]:
        return tuple(self._numbered(passage) for passage in self._found)

    def resolve(self, answer: str) -> tuple[str, list[Citation]]:
        """The answer without markers that point nowhere, and the citations that remain."""
        cited: dict[int, str] = {}

        def keep(found: re.Match[str]) -> str:
            if found["code"]:
                return found[0]
            numbers = [int(number) for number in re.findall(r"\d+", found["marker"])]
            known = [number for number in numbers if 1 <= number <= len(self._found)]
            for number in known:
                cited.setdefault(number, _sentence_before(answer, found.start()))
            return found["gap"] * bool(known) + "".join(f"[{number}]" for number in known)

        text = _TOKEN.sub(keep, answer)
        return text, [self._citation(number, cited[number]) for number in sorted(cited)]

    def _citation(self, number: int, sentence: str) -> Citation:
        passage = self._found[number - 1]
        return Citation(
            n=number,
            document_id=passage.document_id,
            document=passage.document_name,
            page=passage.page,
            heading=passage.heading,
            chunk_id=passage.chunk_id,
            quote=_quote(passage.text, sentence),
        )


def _sentence_before(answer: str, end: int) -> str:
    before = _SENTENCE.findall(answer[max(0, end - LONGEST_QUOTE) : end])
    return next((sentence for sentence in reversed(before) if _WORD.search(sentence)), "")


def _quote(text: str, sentence: str) -> str:
    """The sentence of the passage that shares most words with the answer's."""
    wanted = set(_WORD.findall(sentence.lower()))
    candidates = [found[0].strip() for found in _SENTENCE.finditer(text)]
    best = max(candidates, key=lambda part: _shared(part, wanted), default=text)
    return " ".join(best.split())[:LONGEST_QUOTE]


def _shared(part: str, wanted: set[str]) -> float:
    words: Sequence[str] = _WORD.findall(part.lower())
    return len(wanted & set(words)) / math.sqrt(len(words) + 4)
