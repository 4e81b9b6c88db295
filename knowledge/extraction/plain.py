"""Blocks of plain text: decoding is no parsing, so it needs no child process."""

from __future__ import annotations

import re
from collections.abc import Iterator

from knowledge.extraction.blocks import Block

_GAP = re.compile(r"\n[ \t]*\n\s*")
_LIST_LINE = re.compile(r"^\s*(?:[-*•–]|\d{1,3}[.)])\s|\t|  {2}\S", re.MULTILINE)


def blocks(text: str) -> Iterator[Block]:
    """Paragraphs, at empty lines."""
    for paragraph in _GAP.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        if paragraph.strip():
            yield Block(paragraph.strip("\n"), is_lines=_is_lines(paragraph))


def _is_lines(paragraph: str) -> bool:
    """Lists, tables and code: more than half of the lines look like one."""
    return len(_LIST_LINE.findall(paragraph)) * 2 > paragraph.count("\n") + 1
