"""Measures 11 and 12: the built-in embedding model, and text out of PDF files."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pypdfium2
from django.conf import settings

from benchmarks import text
from benchmarks.harness import Figure, alternate, measure
from knowledge import embedding
from knowledge.extraction.blocks import Limits
from knowledge.extraction.reading import extract

_TEXTS = 2_000
_PAGES = 1_000


@measure("11 built-in embedding", goal="≥ 0.85")
def built_in_embedding(rounds: int) -> Iterator[Figure]:
    """Against the model's own loop."""
    texts = text.passages(_TEXTS)
    model = _bare_model()
    embedding.embed(texts[:10])

    def ours() -> float:
        return _rate(lambda: embedding.embed(texts), _TEXTS)

    def floor() -> float:
        return _rate(lambda: model.embed(texts, norm=True), _TEXTS)

    yield Figure("passages embedded a second", *alternate(rounds, ours, floor), "/s")


@measure("12 text of a PDF", goal="≥ 0.7")
def text_of_a_pdf(rounds: int) -> Iterator[Figure]:
    """In a caged process of its own, with headings, against bare pypdfium2 in this one."""
    path = _handbook()

    def ours() -> float:
        with path.open("rb") as file:
            return _rate(
                lambda: extract(file, limits=Limits(), on_page=lambda done, total: None), _PAGES
            )

    def floor() -> float:
        return _rate(lambda: _bare_text(path), _PAGES)

    yield Figure("pages a second", *alternate(rounds, ours, floor), "/s")


def _rate(work: Any, number: int) -> float:
    started = time.perf_counter()
    work()
    return number / (time.perf_counter() - started)


@lru_cache(maxsize=1)
def _bare_model() -> Any:
    wordllama = importlib.import_module("wordllama")
    folder = Path(str(wordllama.__file__)).parent
    return wordllama.WordLlama.load(dim=256, cache_dir=folder, disable_download=True)


def _bare_text(path: Path) -> list[str]:
    document = pypdfium2.PdfDocument(path)
    return [page.get_textpage().get_text_range() for page in document]


def _handbook() -> Path:
    """A thousand pages of text, made once."""
    path = Path(settings.DATA_DIR) / f"handbook-{_PAGES}.pdf"
    if not path.exists():
        path.write_bytes(_made(_PAGES))
    return path


def _made(pages: int) -> bytes:
    fpdf = importlib.import_module("fpdf")
    book = fpdf.FPDF()
    for number, words in enumerate(text.passages(pages, words=400), start=1):
        book.add_page()
        book.set_font("helvetica", "B", 16)
        book.cell(0, 10, f"Section {number}")
        book.ln(12)
        book.set_font("helvetica", size=11)
        book.multi_cell(0, 6, words.encode("ascii", "ignore").decode())
    return bytes(book.output())
