"""Blocks of Markdown, with its inline marks left as they are. Runs in the child."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from knowledge.extraction.blocks import Block, Extracted, Limits, OnPage, Unreadable
from knowledge.extraction.sniffing import MARKDOWN, decode

_LINES = frozenset(("fence", "code_block", "bullet_list_open", "ordered_list_open", "table_open"))


def read(data: bytes, limits: Limits, on_page: OnPage) -> Extracted:
    """All blocks. Raises Unreadable."""
    parser = MarkdownIt("commonmark").enable("table")
    parser.core.ruler.disable("inline")
    text = decode(data)
    lines = text.split("\n")
    blocks = list(_blocks(parser.parse(text), lines))
    if not blocks:
        raise Unreadable("empty")
    return Extracted(MARKDOWN, None, blocks)


def _blocks(tokens: list[Token], lines: list[str]) -> Iterator[Block]:
    """One block for each outermost token; lists, tables, quotes and code keep their source."""
    for at, token in enumerate(tokens):
        if token.level or token.map is None or token.nesting < 0:
            continue
        if token.type == "heading_open":
            yield Block(tokens[at + 1].content, level=int(token.tag[1]))
        elif token.type in ("inline", "hr", "html_block"):
            continue
        else:
            source = "\n".join(lines[token.map[0] : token.map[1]]).strip("\n")
            if source.strip():
                yield Block(source, is_lines=token.type in _LINES)
