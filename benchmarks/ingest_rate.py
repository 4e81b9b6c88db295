"""Documents a second, ours and the bare COPY's, in the database at hand; printed as JSON.

Ours is all that a worker does for text documents of ten passages, from taking their jobs to leaving
them done, with embeddings that cost nothing: the task of each job is called in turn, as the queue
would, and takes along what it takes along. The floor writes the same rows with COPY, a transaction
a document.
"""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any
from unittest import mock

from celery import current_app
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from benchmarks import corpus, text
from knowledge import chunking, counting, embedding, lexical, removal, services, storing
from knowledge.extraction import plain
from knowledge.models import Document
from knowledge.storing import Passages
from knowledge.tasks import INGEST
from tenants.ids import uuid7
from tenants.jobs import asking

DOCUMENTS = 60
PER_DOCUMENT = 10


def main(tenants: str, per_tenant: str) -> None:
    """Measure among this many tenants' passages, which are made where they are missing."""
    # Into a tenant that has this many already, beside what it has.
    first, *_ = corpus.many_tenants(int(tenants), int(per_tenant))
    home = replace(first, source=corpus.source(first.access.tenant, "Ingest"))
    warm_up, measured = _Batch(home, 10), _Batch(home, DOCUMENTS)
    warm_up.ours()
    warm_up.floor()
    print(json.dumps({"ours": measured.ours(), "floor": measured.floor()}))
    with transaction.atomic():
        removal.remove_documents(list(Document.unscoped.filter(source=home.source)))


class _Batch:
    """Documents that wait to be read, and as many that wait for their rows alone."""

    def __init__(self, home: corpus.Home, number: int) -> None:
        seed = time.time_ns() % 1_000_000_007
        texts = ["\n\n".join(text.passages(PER_DOCUMENT, seed=seed + at)) for at in range(number)]
        split = [chunking.split(plain.blocks(words)) for words in texts]
        most = max(len(pieces) for pieces in split)
        self._vectors = embedding.embed(text.passages(most, seed=seed))
        self._uploads = _uploaded(home, texts)
        self._rows = [_rows(home, self._passages(pieces)) for pieces in split]

    def _passages(self, pieces: list[chunking.Piece]) -> Passages:
        weights = [lexical.passage_weights(piece.indexed_text, 100) for piece in pieces]
        return Passages(pieces, self._vectors[: len(pieces)], weights)

    def ours(self) -> float:
        """Documents a second through the worker's whole path."""
        instant = mock.patch.object(embedding, "embed", lambda texts: self._vectors[: len(texts)])
        task = current_app.tasks[INGEST]
        with instant:
            started = time.perf_counter()
            for upload in self._uploads:
                if upload.job:
                    task(str(upload.job.pk))
            took = time.perf_counter() - started
        ids = [upload.document.pk for upload in self._uploads]
        if Document.unscoped.filter(pk__in=ids, status="ready").count() != len(ids):
            raise RuntimeError("Not every document became ready.")
        return len(ids) / took

    def floor(self) -> float:
        """Documents a second with nothing but COPY."""
        started = time.perf_counter()
        for chunks, vectors in self._rows:
            with transaction.atomic():
                storing.copy(storing.CHUNKS, storing.CHUNK_TYPES, chunks)
                storing.copy(storing.VECTORS, storing.VECTOR_TYPES, vectors)
        return len(self._rows) / (time.perf_counter() - started)


def _uploaded(home: corpus.Home, texts: list[str]) -> list[services.Upload]:
    files = [SimpleUploadedFile("a.txt", words.encode()) for words in texts]
    # No worker is told: the work is done here.
    with mock.patch.object(asking, "_announce"):
        return services.upload_documents(home.access, home.source, files)


def _rows(home: corpus.Home, passages: Passages) -> tuple[list[Any], list[Any]]:
    document = Document.unscoped.create(tenant=home.access.tenant, source=home.source, name="Bare")
    ids = [uuid7() for _ in passages.pieces]
    # What removes the rows in the end takes their terms off the counts.
    counting.note(home.space, passages.weights, sign=1)
    return (
        list(storing.chunk_rows(document, ids, passages.pieces)),
        list(storing.vector_rows(document, home.space, ids, passages)),
    )
