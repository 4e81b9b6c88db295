"""Which words of a passage answer a query, told as stretches of text and never as markup."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge import lexical

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Stretch:
    """A piece of a text; `is_match` where it is a word that the query asks for."""

    text: str
    is_match: bool


def stretches(text: str, query: str) -> list[Stretch]:
    """The whole text in pieces; a word matches when search takes it for one of the query's."""
    return list(_stretches(text, set(lexical.terms(query))))


def excerpt(text: str, query: str, length: int = 420) -> list[Stretch]:
    """About `length` letters of the text, beginning shortly before the first match."""
    wanted = set(lexical.terms(query))
    first = next((found.start() for found in _matches(text, wanted)), 0)
    start = _word_start(text, max(0, min(first - length // 4, len(text) - length)))
    end = len(text) if len(text) - start <= length else _word_start(text, start + length)
    cut = ("… " if start else "") + text[start:end].strip() + (" …" if end < len(text) else "")
    return list(_stretches(cut, wanted))


def _stretches(text: str, wanted: set[str]) -> Iterator[Stretch]:
    end = 0
    for found in _matches(text, wanted):
        if found.start() > end:
            yield Stretch(text[end : found.start()], is_match=False)
        yield Stretch(found[0], is_match=True)
        end = found.end()
    if end < len(text):
        yield Stretch(text[end:], is_match=False)


def _matches(text: str, wanted: set[str]) -> Iterator[re.Match[str]]:
    for found in _WORD.finditer(text):
        if not wanted.isdisjoint(lexical.terms(found[0])):
            yield found


def _word_start(text: str, place: int) -> int:
    """The beginning of the word that stands at the place."""
    before = text.rfind(" ", 0, place) if 0 < place < len(text) else -1
    return before + 1 if before >= 0 else place
