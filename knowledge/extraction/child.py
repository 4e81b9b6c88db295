"""The child that reads one file from its standard input and tells its blocks as JSON lines.

It starts in a few dozen milliseconds because it imports the one parser that it needs, and no
Django. What it prints is not trusted: `process` checks it.
"""

from __future__ import annotations

import codecs
import gc
import importlib
import json
import sys
from typing import Any

from knowledge.extraction import cage
from knowledge.extraction.blocks import Extracted, Limits, Unreadable
from knowledge.extraction.sniffing import HTML, MARKDOWN, PDF, ZIP

_PARSERS = {
    PDF: "knowledge.extraction.pdf",
    ZIP: "knowledge.extraction.docx",
    HTML: "knowledge.extraction.html",
    MARKDOWN: "knowledge.extraction.markdown",
}
_TELL_EVERY = 8
# Python imports an encoding when it is first used; in the cage it would not be found.
_ENCODINGS = ("utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp437", "cp1252", "latin-1")


def main(arguments: list[str]) -> None:
    """`arguments`: the media type that was found, the parent's process id, the limits as JSON."""
    media_type, parent, limits = arguments[0], int(arguments[1]), Limits(**json.loads(arguments[2]))
    # A process of one short task is gone before collecting its cycles would pay.
    gc.disable()
    parser = importlib.import_module(_PARSERS[media_type])
    for encoding in _ENCODINGS:
        codecs.lookup(encoding)
    cage.enter(limits, parent)
    try:
        _tell_all(_bounded(parser.read(sys.stdin.buffer.read(), limits, _on_page), limits))
    except Unreadable as why:
        _tell(failed=why.code, detail=why.detail)
    except MemoryError:
        _tell(failed="too_large", detail="more in it than fits into memory")
    except Exception as error:  # noqa: BLE001
        # Whatever a parser trips over, the file is what is wrong; the parent logs the rest.
        _tell(failed="damaged", detail=f"{type(error).__name__}: {error}"[:500], is_crash=True)


def _on_page(done: int, total: int) -> None:
    if done % _TELL_EVERY == 0 or done == total:
        _tell(page=done, of=total)


def _bounded(extracted: Extracted, limits: Limits) -> Extracted:
    if sum(len(block.text) for block in extracted.blocks) > limits.characters:
        raise Unreadable("too_large", f"more than {limits.characters:,} letters")
    return extracted


def _tell_all(extracted: Extracted) -> None:
    for start in range(0, len(extracted.blocks), 200):
        _tell(blocks=extracted.blocks[start : start + 200])
    _tell(read=extracted.media_type, pages=extracted.page_count)


def _tell(**message: Any) -> None:
    sys.stdout.write(json.dumps(message, ensure_ascii=True))
    sys.stdout.write("\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
