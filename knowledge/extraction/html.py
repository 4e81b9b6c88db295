"""Blocks of a web page, without what surrounds its content. Runs in the child."""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree
from lxml import html as lxml_html

from knowledge.extraction.blocks import Block, Extracted, Limits, OnPage, Unreadable
from knowledge.extraction.sniffing import HTML

_DROPPED = (
    "script", "style", "nav", "noscript", "template", "svg", "iframe", "object", "form",
    "button", "select", "aside", "footer", "head", "dialog", "canvas",
)  # fmt: skip
_DROPPED_ROLES = ("navigation", "banner", "contentinfo", "search", "complementary", "dialog")
_UNITS = frozenset(
    ("p", "li", "dt", "dd", "pre", "blockquote", "figcaption", "caption", "address", "summary")
)
_LINES = frozenset(("pre", "li", "tr"))
_BREAKING = _UNITS | frozenset(
    ("div", "section", "article", "main", "header", "table", "tr", "ul", "ol", "dl", "hr", "body",
     "tbody", "thead", "details", "figure", "fieldset", "h1", "h2", "h3", "h4", "h5", "h6")
)  # fmt: skip
_SPACE = re.compile(r"[ \t\r\f\v\n\u00a0]+")


def read(data: bytes, limits: Limits, on_page: OnPage) -> Extracted:
    """All blocks. Raises Unreadable."""
    root = _parsed(data)
    title = (root.findtext(".//title") or "").strip()
    body = _content(root)
    blocks = _merged(_walk(body))
    if not blocks:
        raise Unreadable("empty")
    if title and not any(block.level == 1 for block in blocks):
        blocks.insert(0, Block(_SPACE.sub(" ", title), level=1))
    return Extracted(HTML, None, blocks)


def _parsed(data: bytes) -> etree._Element:
    encoding = None
    try:
        data.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        pass  # then the page's own declaration is believed
    parser = lxml_html.HTMLParser(
        encoding=encoding, no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = lxml_html.document_fromstring(data, parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable("empty") from error
    fatal = parser.error_log.filter_from_fatals()
    if fatal:
        # The parser gave up midway (nesting without end); what follows would be missing.
        raise Unreadable("damaged", fatal[0].message)
    return root


def _content(root: etree._Element) -> etree._Element:
    """The part that holds the content: <main> or the only <article>, or else the body."""
    for path in (".//main", ".//*[@role='main']", ".//article"):
        found = root.findall(path)
        if len(found) == 1 and _has_text(found[0]):
            return found[0]
    body = root.find("body")
    return root if body is None else body


def _has_text(element: etree._Element) -> bool:
    return sum(len(text) for text in element.itertext()) > 200


def _is_dropped(element: etree._Element) -> bool:
    return (
        element.tag in _DROPPED
        or element.get("role") in _DROPPED_ROLES
        or element.get("aria-hidden") == "true"
        or element.get("hidden") is not None
    )


def _walk(body: etree._Element) -> Iterator[Block]:
    """Pieces of text between block boundaries, each told by the nearest unit around it."""
    unit = _Unit()
    stack: list[tuple[etree._Element, bool]] = [(body, False)]
    while stack:
        element, is_leaving = stack.pop()
        if is_leaving:
            yield from unit.leave(element)
        elif not _is_dropped(element):
            yield from unit.enter(element)
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))
        elif element.tail:
            unit.parts.append(element.tail)


class _Unit:
    """The block that is being put together while the tree is walked."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._pre = 0

    def enter(self, element: etree._Element) -> Iterator[Block]:
        if element.tag in _BREAKING:
            yield from self._flush(element.getparent())
        if element.tag == "pre":
            self._pre += 1
        if element.tag == "br":
            self.parts.append("\n")
        if element.tag in ("td", "th") and self.parts:
            self.parts.append(" | ")
        if element.text:
            self.parts.append(element.text)

    def leave(self, element: etree._Element) -> Iterator[Block]:
        if element.tag in _BREAKING:
            yield from self._flush(element)
        if element.tag == "pre":
            self._pre -= 1
        if element.tail:
            self.parts.append(element.tail)

    def _flush(self, element: etree._Element | None) -> Iterator[Block]:
        text = "".join(self.parts)
        self.parts.clear()
        text = text.strip("\n") if self._pre else _SPACE.sub(" ", text).strip()
        if not text.strip(" |\n"):
            return
        tag = "" if element is None else str(element.tag)
        level = int(tag[1]) if re.fullmatch("h[1-6]", tag) else 0
        is_lines = tag in _LINES
        yield Block(f"- {text}" if tag == "li" else text, level, is_lines=is_lines)


def _merged(blocks: Iterator[Block]) -> list[Block]:
    """Neighbouring list items and table rows become one block of lines."""
    merged: list[Block] = []
    for block in blocks:
        if block.is_lines and merged and merged[-1].is_lines:
            merged[-1] = merged[-1]._replace(text=f"{merged[-1].text}\n{block.text}")
        else:
            merged.append(block)
    return merged
