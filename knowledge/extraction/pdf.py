"""Blocks of a PDF, page by page. Runs in the child."""

from __future__ import annotations

import ctypes
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pypdfium2
import pypdfium2.raw as pdfium

from knowledge.extraction.blocks import Block, Extracted, Limits, OnPage, Unreadable
from knowledge.extraction.sniffing import PDF

# A heading's letters are at least this much taller than the body's.
_TALLER = 1.15
_LONGEST_HEADING = 120
# “Handbook of 2024, page 12 of 300”: a line with more words than this says something.
_WORDS_BESIDE_A_PAGE_NUMBER = 4
_LINE_END_HYPHEN = re.compile("[\ufffe\x02]\\s*\n?|(?<=[a-zäöüßéèà])-\n(?=[a-zäöüßéèà])")
_DIGITS = re.compile(r"\d+")
_SENTENCE_END = (".", "!", "?", ":", "”", '"', ")")


class Line(NamedTuple):
    """One printed line: its text and the height of its letters."""

    text: str
    height: float


def read(data: bytes, limits: Limits, on_page: OnPage) -> Extracted:
    """All blocks, page by page. Raises Unreadable."""
    document = _opened(data)
    total = len(document)
    if total > limits.pages:
        raise Unreadable("too_large", f"{total:,} pages, more than {limits.pages:,}")
    pages: list[list[Line]] = []
    characters = 0
    for number in range(total):
        pages.append(_lines_of(document, number))
        characters += sum(len(line.text) for line in pages[-1])
        if characters > limits.characters:
            raise Unreadable("too_large", f"more than {limits.characters:,} letters")
        on_page(number + 1, total)
    if not characters:
        raise Unreadable("image_only" if _has_drawings(document) else "empty")
    return Extracted(PDF, total, list(_blocks(pages)))


def _opened(data: bytes) -> pypdfium2.PdfDocument:
    _refuse_truncated(data)
    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pdfium.FPDF_ERR_PASSWORD:
            raise Unreadable("password_protected", "PDF") from error
        raise Unreadable("damaged", str(error)) from error
    if not len(document):
        raise Unreadable("damaged", "no pages")
    return document


def _refuse_truncated(data: bytes) -> None:
    """Pdfium mends a file that is cut off and leaves out what is missing; nobody would notice."""
    linearized = re.search(rb"/Linearized\b[^>]{0,200}?/L\s+(\d+)", data[:2048])
    if linearized and int(linearized[1]) > len(data):
        raise Unreadable("truncated")
    if b"%%EOF" not in data and b"startxref" not in data:
        raise Unreadable("truncated")


def _lines_of(document: pypdfium2.PdfDocument, number: int) -> list[Line]:
    try:
        page = document[number]
        text_page = page.get_textpage()
    except pypdfium2.PdfiumError as error:
        raise Unreadable("damaged", f"page {number + 1}") from error
    try:
        return list(_lines(text_page))
    finally:
        text_page.close()
        page.close()


def _lines(text_page: pypdfium2.PdfTextPage) -> Iterator[Line]:
    # Called for every line of every page: the library's raw handle saves a look-up each time.
    handle = text_page.raw
    whole = text_page.get_text_range()
    is_in_step = len(whole) == text_page.count_chars()
    box = pdfium.FS_RECTF()
    pointer = ctypes.byref(box)
    position = 0
    for text in whole.split("\r\n"):
        line = text.strip()
        if line:
            index = position + text.index(line)
            if not is_in_step:
                index = pdfium.FPDFText_GetCharIndexFromTextIndex(handle, index)
            found = index >= 0 and pdfium.FPDFText_GetLooseCharBox(handle, index, pointer)
            yield Line(line, round(abs(box.top - box.bottom), 1) if found else 0.0)
        position += len(text) + 2


def _has_drawings(document: pypdfium2.PdfDocument) -> bool:
    return any(next(page.get_objects(max_depth=2), None) is not None for page in document)


def _without_running_lines(pages: list[list[Line]], body: float) -> list[list[Line]]:
    """Pages without the headers and footers that most of them repeat; page numbers are such.

    A line in large letters is a heading, however often it comes.
    """
    counts = Counter(
        key
        for lines in pages
        for key in {_running_key(line) for line in _edges(lines) if line.height <= body * _TALLER}
    )
    often = max(3, len(pages) // 2)
    running = {key for key, count in counts.items() if count >= often}
    return [_trimmed(lines, running) for lines in pages]


def _edges(lines: list[Line]) -> list[Line]:
    return lines[:2] + lines[-2:]


def _running_key(line: Line) -> str:
    """Lines that differ in their numbers only are the same, if they are little more than that."""
    masked = _DIGITS.sub("#", line.text)
    words = sum(word.isalpha() for word in masked.split())
    return masked if words <= _WORDS_BESIDE_A_PAGE_NUMBER else line.text


def _trimmed(lines: list[Line], running: set[str]) -> list[Line]:
    last = len(lines) - 2
    return [
        line
        for at, line in enumerate(lines)
        if not ((at < 2 or at >= last) and _running_key(line) in running)
    ]


def _blocks(pages: list[list[Line]]) -> Iterator[Block]:
    heights = _heights(pages)
    body = max(heights, key=heights.__getitem__)
    levels = _heading_levels(heights, body)
    for number, lines in enumerate(_without_running_lines(pages, body), start=1):
        yield from _page_blocks(lines, number, levels)


def _heights(pages: list[list[Line]]) -> dict[float, int]:
    """How many letters have each height."""
    heights: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            heights[line.height] += len(line.text)
    return heights


def _heading_levels(heights: dict[float, int], body: float) -> dict[float, int]:
    """The level that each height stands for; the body's and smaller ones stand for none."""
    taller = sorted((height for height in heights if height > body * _TALLER), reverse=True)
    return {height: min(level, 6) for level, height in enumerate(taller, start=1)}


def _page_blocks(lines: list[Line], page: int, levels: dict[float, int]) -> Iterator[Block]:
    width = max((len(line.text) for line in lines), default=0)
    paragraph: list[str] = []
    title: list[str] = []
    level = 0
    for line in lines:
        now = levels.get(line.height, 0) if len(line.text) <= _LONGEST_HEADING else 0
        if now != level:
            yield from _flushed(paragraph, title, level, page)
            level = now
        if now:
            title.append(line.text)
            continue
        paragraph.append(line.text)
        if len(line.text) < width * 0.75 and line.text.endswith(_SENTENCE_END):
            yield from _flushed(paragraph, title, 0, page)
    yield from _flushed(paragraph, title, level, page)


def _flushed(paragraph: list[str], title: list[str], level: int, page: int) -> Iterator[Block]:
    if title:
        yield Block(_joined(title), level, page)
    if paragraph:
        yield Block(_joined(paragraph), 0, page)
    title.clear()
    paragraph.clear()


def _joined(lines: list[str]) -> str:
    """Lines as one paragraph, words that were broken at line ends made whole."""
    return _LINE_END_HYPHEN.sub("", "\n".join(lines)).replace("\n", " ")
