"""The child that reads one file from its standard input and tells its blocks as JSON lines.

It starts in a few dozen milliseconds because it imports the one parser that it needs, and no
Django. What it prints is not trusted: `process` checks it.
"""

from __future__ import annotations

import codecs
import json
import sys
from typing import Any

from knowledge.extraction import cage
from knowledge.extraction.blocks import Block, Limits, Unreadable
from knowledge.extraction.sniffing import DOCX, HTML, MARKDOWN, PDF, ZIP, decode

_TELL_EVERY = 8
# Python imports an encoding when it is first used; in the cage it would not be found.
_ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp437", "cp1252", "latin-1")


def main(arguments: list[str]) -> None:
    """`arguments`: the media type that was found, the parent's process id, the limits as JSON."""
    media_type, parent, limits = arguments[0], int(arguments[1]), Limits(**json.loads(arguments[2]))
    read = _reader(media_type, limits)
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    cage.enter(limits, parent)
    try:
        read(sys.stdin.buffer.read())
    except Unreadable as why:
        _tell(failed=why.code, detail=why.detail)
    except MemoryError:
        _tell(failed="too_large", detail="more in it than fits into memory")
    except Exception as error:
        # Whatever a parser trips over, the file is what is wrong; the parent logs the rest.
        _tell(failed="damaged", detail=f"{type(error).__name__}: {error}"[:500], is_crash=True)


def _reader(media_type: str, limits: Limits) -> Any:
    if media_type == PDF:
        from knowledge.extraction import pdf

        def read_pdf(data: bytes) -> None:
            pages, blocks = pdf.read(data, limits, _on_page)
            _tell_all(PDF, blocks, pages)

        return read_pdf
    if media_type == ZIP:
        from knowledge.extraction import docx

        return lambda data: _tell_all(DOCX, docx.read(data, limits))
    if media_type == HTML:
        from knowledge.extraction import html

        return lambda data: _tell_all(HTML, html.read(data, limits))
    from knowledge.extraction import markdown

    return lambda data: _tell_all(MARKDOWN, markdown.read(decode(data)))


def _on_page(done: int, total: int) -> None:
    if done % _TELL_EVERY == 0 or done == total:
        _tell(page=done, of=total)


def _tell_all(media_type: str, blocks: list[Block], pages: int | None = None) -> None:
    for start in range(0, len(blocks), 200):
        _tell(blocks=blocks[start : start + 200])
    _tell(read=media_type, pages=pages)


def _tell(**message: Any) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=True))
    sys.stdout.write("\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
