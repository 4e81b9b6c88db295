"""The readers themselves, without their cage: what they find is what the caged child tells."""

import importlib
import io
import json
import sys
from dataclasses import asdict
from types import SimpleNamespace

import pytest

from knowledge.extraction import cage, child, sniffing
from knowledge.extraction.blocks import Limits, Unreadable
from tests.knowledge import made_files

TABLE = (
    "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>Day</w:t></w:r></w:p></w:tc>"
    "<w:tc><w:p><w:r><w:t>Hours</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
)
WEB_PAGE = b"""<!doctype html><html><head><title>Hours</title><script>no()</script></head><body>
<nav>Menu</nav><main><h1>Opening hours</h1><p>Nine<br>to five.</p><h2>Holidays</h2>
<ul><li>Closed</li><li>On request</li></ul><table><tr><th>Day</th><td>Monday</td></tr></table>
<pre>kept  as it is</pre></main><footer>Imprint</footer></body></html>"""
MARKDOWN = b"""# Refunds

Paid *within* five days, see [the rules](https://example.org).

## Sale items

- exchanged
- not refunded

```
code stays
```

| Day | Hours |
|---|---|
| Monday | 9 to 5 |

> A quotation.
"""
SAMPLES = {
    "pdf": made_files.pdf(12),
    "pictures": made_files.picture_pdf(),
    "blank page": made_files.blank_pdf(),
    "locked": made_files.pdf(password="geheim"),
    "cut off": made_files.pdf(3)[:900],
    "word": made_files.docx(("Rules", "Heading1"), "Nine to five.", ("More", "Heading2"), "Text."),
    "word with a table": made_files.docx(body=TABLE),
    "empty word": made_files.docx(""),
    "word without styles": made_files.docx("Hello", styles=""),
    "word with entities": made_files.entity_docx(),
    "workbook": made_files.archive({"xl/workbook.xml": "<a/>"}),
    "some archive": made_files.archive({"readme.txt": "Hello"}),
    "damaged archive": made_files.docx("Hello")[:80],
    "deep": made_files.deep_docx(400),
    "web page": WEB_PAGE,
    "empty web page": b"<html><body> </body></html>",
    "markdown": MARKDOWN,
}


def outcome(read):
    try:
        found = read()
    except Unreadable as why:
        return why.code, why.detail
    return found.media_type, found.page_count, [tuple(block) for block in found.blocks]


def reader(data):
    return importlib.import_module(child._PARSERS[sniffing.media_type(data)]).read


@pytest.mark.parametrize("data", SAMPLES.values(), ids=SAMPLES)
def test_the_cage_changes_nothing_about_what_is_read(read, data):
    pages = []

    alone = outcome(lambda: reader(data)(data, Limits(), lambda done, total: pages.append(done)))

    assert alone == outcome(lambda: read(data))


@pytest.mark.parametrize("name", ["pdf", "word", "web page", "markdown"])
def test_a_reader_keeps_to_its_limits(name):
    data, tight = SAMPLES[name], Limits(pages=2, characters=5)

    told = list(told_by_child(data, tight))

    assert told[-1].get("failed") == "too_large"


@pytest.mark.parametrize("name", ["pdf", "markdown"])
def test_the_child_tells_blocks_and_then_what_it_was(name):
    *_, blocks, last = told_by_child(SAMPLES[name], Limits())

    assert blocks["blocks"]
    assert "read" in last


def test_a_reader_that_breaks_blames_the_file(monkeypatch):
    def broken(data, limits, on_page):
        raise ZeroDivisionError("Oops")

    monkeypatch.setitem(sys.modules, "tests.broken_reader", SimpleNamespace(read=broken))
    monkeypatch.setitem(child._PARSERS, sniffing.MARKDOWN, "tests.broken_reader")

    (told,) = told_by_child(MARKDOWN, Limits())

    assert (told["failed"], told["is_crash"]) == ("damaged", True)


def told_by_child(data, limits):
    """Run the child's main here: with its input and output, without its cage."""
    written = io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(cage, "enter", lambda limits, parent: None)
        patch.setattr(child.gc, "disable", lambda: None)
        patch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))
        patch.setattr(sys, "stdout", written)
        child.main([sniffing.media_type(data), "0", json.dumps(asdict(limits))])
    return [json.loads(line) for line in written.getvalue().splitlines()]
