"""Taking sources and documents out, with all that was made of them."""

from __future__ import annotations

from knowledge.models import Document, Source


def remove_source(source: Source) -> None:
    raise NotImplementedError


def remove_documents(documents: list[Document]) -> None:
    raise NotImplementedError
