"""Blocks of a Word document: its main part, read as a stream. Runs in the child.

Office Open XML: ECMA-376 part 1, chapter 17 (WordprocessingML).
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from lxml import etree

from knowledge.extraction.blocks import Block, Extracted, Limits, OnPage, Unreadable
from knowledge.extraction.sniffing import DOCX

_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_OFFICE_DOCUMENT = "/officeDocument"
_HEADING_STYLE = re.compile(r"heading\s*([1-6])$", re.IGNORECASE)
_OTHER_PACKAGES = (
    ("xl/", "an Excel workbook"),
    ("ppt/", "a PowerPoint presentation"),
    ("META-INF/container.xml", "an e-book (.epub)"),
    ("content.xml", "an OpenDocument file"),
    ("META-INF/MANIFEST.MF", "a Java program"),
    ("AndroidManifest.xml", "an Android program"),
)


def read(data: bytes, limits: Limits, on_page: OnPage) -> Extracted:
    """All blocks. Raises Unreadable, also for a ZIP file that is no Word document."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return Extracted(DOCX, None, _read(package, limits))
    except (zipfile.BadZipFile, EOFError) as error:
        whole = b"PK\x05\x06" in data[-66_000:]
        raise Unreadable("damaged" if whole else "truncated") from error
    except (NotImplementedError, RuntimeError, OSError, ValueError) as error:
        raise Unreadable("damaged", str(error)) from error
    except etree.XMLSyntaxError as error:
        raise Unreadable("damaged", str(error)) from error


def _read(package: zipfile.ZipFile, limits: Limits) -> list[Block]:
    names = package.namelist()
    if len(names) > limits.zip_members:
        raise Unreadable("too_large", f"{len(names):,} parts inside")
    if "[Content_Types].xml" not in names or "word/document.xml" not in names:
        raise Unreadable("unsupported", _other_package(names))
    if any(member.flag_bits & 0x1 for member in package.infolist()):
        raise Unreadable("password_protected", "Word document")
    reader = _Reader(package, limits)
    levels = _style_levels(reader)
    blocks = list(_blocks(reader.parsed("word/document.xml"), levels))
    if not blocks:
        raise Unreadable("empty")
    return blocks


def _other_package(names: list[str]) -> str:
    for start, found in _OTHER_PACKAGES:
        if any(name.startswith(start) for name in names):
            return found
    return "a ZIP archive"


class _Reader:
    """Unpacks parts, counting what really comes out and not what the archive claims."""

    def __init__(self, package: zipfile.ZipFile, limits: Limits) -> None:
        self._package = package
        self._left = limits.decoded_bytes

    def parsed(self, name: str) -> etree._Element:
        with self._package.open(name) as part:
            content = part.read(self._left + 1)
        self._left -= len(content)
        if self._left < 0:
            raise Unreadable("too_large", "more text inside than fits once it is unpacked")
        # A word processor writes no document type; what has one is out to expand entities.
        if b"<!DOCTYPE" in content or b"<!ENTITY" in content:
            raise Unreadable("damaged", "document type in a part")
        parser = etree.XMLParser(
            resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        )
        return etree.fromstring(content, parser)


def _style_levels(reader: _Reader) -> dict[str, int]:
    """The heading level of each paragraph style that is one, by its id."""
    try:
        styles = reader.parsed("word/styles.xml")
    except KeyError:
        return {}
    levels: dict[str, int] = {}
    for style in styles.iterfind(f"{_W}style"):
        name = _value(style.find(f"{_W}name"))
        outline = _value(style.find(f"{_W}pPr/{_W}outlineLvl"))
        heading = _HEADING_STYLE.match(name)
        if heading:
            levels[style.get(f"{_W}styleId", "")] = int(heading[1])
        elif name.lower() == "title":
            levels[style.get(f"{_W}styleId", "")] = 1
        elif outline.isdigit() and int(outline) < 6:
            levels[style.get(f"{_W}styleId", "")] = int(outline) + 1
    return levels


def _value(element: etree._Element | None) -> str:
    return "" if element is None else element.get(f"{_W}val", "")


def _blocks(root: etree._Element, levels: dict[str, int]) -> Iterator[Block]:
    for element in root.iter(f"{_W}p", f"{_W}tbl"):
        if element.tag == f"{_W}tbl":
            # A table in a table's cell is told with the outer one.
            if next(element.iterancestors(f"{_W}tbl"), None) is None:
                yield from _table(element)
        elif next(element.iterancestors(f"{_W}tbl", f"{_W}txbxContent", _FALLBACK), None) is None:
            yield from _paragraph(element, levels)


def _paragraph(element: etree._Element, levels: dict[str, int]) -> Iterator[Block]:
    text = _text(element)
    if not text.strip():
        return
    properties = element.find(f"{_W}pPr")
    if properties is None:
        yield Block(text)
        return
    outline = _value(properties.find(f"{_W}outlineLvl"))
    level = levels.get(_value(properties.find(f"{_W}pStyle")), 0)
    if outline.isdigit():
        level = int(outline) + 1 if int(outline) < 6 else 0
    is_list = properties.find(f"{_W}numPr") is not None
    if is_list and not level:
        text = f"- {text}"
    yield Block(text, level, is_lines=is_list and not level)


def _table(table: etree._Element) -> Iterator[Block]:
    rows = []
    for row in table.iter(f"{_W}tr"):
        cells = [_text(cell).replace("\n", " ").strip() for cell in row.iterfind(f"{_W}tc")]
        if any(cells):
            rows.append(" | ".join(cells))
    if rows:
        yield Block("\n".join(rows), is_lines=True)


def _text(element: etree._Element) -> str:
    """The visible text; deleted text and field codes have other tags."""
    parts: list[str] = []
    for node in element.iter(f"{_W}t", f"{_W}tab", f"{_W}br", f"{_W}cr", f"{_W}p"):
        if next(node.iterancestors(_FALLBACK), None) is not None:
            continue
        if node.tag == f"{_W}t":
            parts.append(node.text or "")
        elif node.tag == f"{_W}p":
            parts.append("\n" if parts else "")
        else:
            parts.append(" " if node.tag == f"{_W}tab" else "\n")
    return "".join(parts).strip()
