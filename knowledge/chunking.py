"""Cutting blocks into passages: whole thoughts of 200 to 350 tokens that know where they stand.

A passage never spans two pages, so that its page is right for all of it, and never two sections of
the upper heading levels. Small sections further down are put together. Where a paragraph has to be
split, the next passage repeats the last sentence before the cut. The same blocks always give the
same passages.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from knowledge.extraction.blocks import Block

LARGEST = 350
# A section that fits is one passage; what is larger is cut into parts of about this size.
TARGET = 280
# Headings down to this level always begin a passage.
DIVIDING_LEVEL = 2
OVERLAP = 50
HEADING_JOINT = " › "

_LONGEST_HEADING = 200
# Where a sentence may end; for scripts without spaces, right after their full stop.
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"'”’)\]]*\s+|(?<=[。！？])")
_WORD_END = re.compile(r"(?<=\s)")
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Piece(NamedTuple):
    """A passage to be: its text, and where in the document it stands."""

    position: int
    page: int | None
    heading: str
    text: str
    tokens: int

    @property
    def indexed_text(self) -> str:
        """What is embedded and counted: its headings say what a passage is about."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


class _Part(NamedTuple):
    """A stretch of text that is not cut any further, and how it is joined to the one before."""

    text: str
    tokens: int
    joint: str


@dataclass(slots=True)
class _Section:
    """Blocks that may share passages: of one page and under one upper heading."""

    page: int | None = None
    heading: str = ""
    parts: list[_Part] = field(default_factory=list)


def tokens_in(text: str) -> int:
    """About how many tokens: a quarter of the UTF-8 bytes, which holds in all scripts."""
    return (len(text.encode()) + 3) // 4


def split(blocks: Iterable[Block]) -> list[Piece]:
    """The passages of a document, in reading order."""
    pieces: list[Piece] = []
    for section in _sections(blocks):
        for text in _texts(section.parts):
            pieces.append(Piece(len(pieces), section.page, section.heading, text, tokens_in(text)))
    return pieces


# ── Sections ──────────────────────────────────────────────────────────────────────────────────


class _Outline:
    """The headings above the present place, outermost first."""

    def __init__(self) -> None:
        self._trail: list[Block] = []
        # Whether the last heading is in a passage, as its heading or in its text.
        self.is_told = True

    def enter(self, heading: Block) -> Iterator[_Section]:
        if not self.is_told and heading.level <= self._trail[-1].level:
            yield self.last_alone()
        self._trail = [*(above for above in self._trail if above.level < heading.level), heading]

    def path(self) -> str:
        return HEADING_JOINT.join(heading.text for heading in self._trail)

    def last_alone(self) -> _Section:
        """A heading with nothing under it is a passage itself, or it would not be found."""
        last = self._trail.pop()
        return _Section(last.page, self.path(), list(_parts(last.text, is_lines=False)))


def _sections(blocks: Iterable[Block]) -> Iterator[_Section]:
    outline = _Outline()
    section = _Section()
    for block in _clean(blocks):
        if section.parts and _divides(block, section):
            yield section
            section = _Section()
        if block.level:
            yield from outline.enter(block)
        if not section.parts:
            section.page, section.heading = block.page, outline.path()
        # The first heading is told by the passage's heading; one further down stands in the text.
        outline.is_told = not block.level or bool(section.parts)
        if outline.is_told:
            section.parts.extend(_parts(block.text, block.is_lines))
    if section.parts:
        yield section
    if not outline.is_told:
        yield outline.last_alone()


def _divides(block: Block, section: _Section) -> bool:
    return 0 < block.level <= DIVIDING_LEVEL or block.page != section.page


def _clean(blocks: Iterable[Block]) -> Iterator[Block]:
    for block in blocks:
        text = _cleaned(block.text)
        if text and block.level:
            text = " ".join(text.split())[:_LONGEST_HEADING]
        if text:
            yield Block(text, block.level, block.page, block.is_lines)


def _cleaned(text: str) -> str:
    """Text that every later step can hold: no NUL, no lone surrogate, no other control letter."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


# ── Parts ─────────────────────────────────────────────────────────────────────────────────────


def _parts(text: str, is_lines: bool) -> Iterator[_Part]:
    """A block whole where it fits; else its lines, sentences, words, letters, whatever does."""
    tokens = tokens_in(text)
    if tokens <= TARGET:
        yield _Part(text, tokens, "\n\n")
        return
    pieces = text.split("\n") if is_lines else _SENTENCE_END.split(text)
    joint = "\n\n"
    for piece in pieces:
        for part in _fitting(piece.rstrip() if is_lines else piece.strip()):
            yield _Part(part, tokens_in(part), joint)
            joint = " "
        joint = "\n" if is_lines else " "


def _fitting(text: str) -> Iterator[str]:
    """A line or sentence, cut between words or at last between letters where it is too long."""
    if tokens_in(text) <= TARGET:
        if text:
            yield text
        return
    current: list[str] = []
    size = 0
    for word in _words(text):
        tokens = tokens_in(word)
        if current and size + tokens > TARGET:
            yield "".join(current).strip()
            current.clear()
            size = 0
        current.append(word)
        size += tokens
    yield "".join(current).strip()


def _words(text: str) -> Iterator[str]:
    for word in _WORD_END.split(text):
        for start in range(0, len(word), TARGET):
            yield word[start : start + TARGET]


# ── Passages ──────────────────────────────────────────────────────────────────────────────────


def _texts(parts: list[_Part]) -> Iterator[str]:
    """Parts put together into texts of about equal size, none above the largest."""
    total = sum(part.tokens for part in parts)
    number = 1 if total <= LARGEST else -(-total // TARGET)
    goal = total / number
    current: list[_Part] = []
    size = 0
    for part in parts:
        is_full = size + part.tokens / 2 > goal or size + part.tokens > LARGEST
        if current and is_full:
            yield _joined(current)
            current = _overlap(current, part)
            size = sum(kept.tokens for kept in current)
        current.append(part)
        size += part.tokens
    if current:
        yield _joined(current)


def _overlap(before: list[_Part], after: _Part) -> list[_Part]:
    """The last sentence before a cut through a paragraph, unless it is long."""
    is_cut = bool(before) and after.joint == " " and before[-1].tokens <= OVERLAP
    return [before[-1]] if is_cut else []


def _joined(parts: list[_Part]) -> str:
    texts = [parts[0].text]
    for part in parts[1:]:
        texts += [part.joint, part.text]
    return "".join(texts)
