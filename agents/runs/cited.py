"""What runs found and answers cited, as it was then and as it stands now.

The passages of a document get new ids whenever it is read again, so an earlier run's citation may
name one that is gone. What was cited is kept in the run; it is shown to who may see the document.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.urls import reverse

from agents.runs.models import AgentRun, RunStep
from knowledge.models import Chunk, Document
from tenants.access import Access


@dataclass(frozen=True, slots=True)
class Cited:
    """One passage that a run found, by the number under which its answer may cite it.

    `passage` is where its words stand now, `document` what they stood in. Without a document there
    is nothing that this reader may see, and no `text`.
    """

    n: int
    document: Document | None = None
    passage: Chunk | None = None
    page: int | None = None
    heading: str = ""
    text: str = ""


_ByIdOrWords = dict[str | tuple[str, str], Chunk]


def addresses(access: Access, runs: Sequence[AgentRun]) -> dict[UUID, dict[int, str]]:
    """By run and number, the page of what was cited: the passage, or what the run has kept of it.

    One query for all of them.
    """
    ids = {said["chunk_id"] for run in runs for said in run.citations}
    there = set(
        access.visible(Chunk).filter(pk__in=ids).values_list("pk", flat=True) if ids else ()
    )
    return {
        run.pk: {said["n"]: _address(access, run, said, there) for said in run.citations}
        for run in runs
    }


def _address(access: Access, run: AgentRun, said: dict[str, Any], there: set[UUID]) -> str:
    slug = access.tenant.slug
    if UUID(said["chunk_id"]) in there:
        return reverse("knowledge:chunk-detail", args=[slug, said["chunk_id"]])
    return f"{reverse('runs:run-sources', args=[slug, run.pk])}#source-{said['n']}"


def sources(access: Access, run: AgentRun) -> list[Cited]:
    """Everything that the run found and its answer cites, by number; in three queries."""
    found = {each["n"]: each for each in _found(access, run)}
    for each in run.citations:
        found.setdefault(each["n"], {**each, "text": each["quote"]})
    said = [found[n] for n in sorted(found)]
    seen = access.visible(Document).filter(pk__in={each["document_id"] for each in said})
    documents = {str(document.pk): document for document in seen}
    passages = _passages(access, said, documents)
    return [_cited(each, documents.get(each["document_id"]), passages) for each in said]


def _cited(said: dict[str, Any], document: Document | None, passages: _ByIdOrWords) -> Cited:
    if document is None:
        return Cited(said["n"])
    same = passages.get(said["chunk_id"]) or passages.get((said["document_id"], said["text"]))
    return Cited(said["n"], document, same, said["page"], said["heading"], said["text"])


def _passages(
    access: Access, said: Sequence[dict[str, Any]], documents: Collection[str]
) -> _ByIdOrWords:
    """Those that are there, by their ids, and by document and words."""
    same_words = Q(document__in=documents, text__in=[cited["text"] for cited in said])
    same_id = Q(pk__in=[cited["chunk_id"] for cited in said])
    found: _ByIdOrWords = {}
    for passage in access.visible(Chunk).filter(same_words | same_id):
        found[str(passage.pk)] = found[str(passage.document_id), passage.text] = passage
    return found


def _found(access: Access, run: AgentRun) -> list[dict[str, Any]]:
    """The whole passages that retrieval brought, with their numbers and their ids of then."""
    steps = access.visible(RunStep).filter(run=run, kind=RunStep.Kind.RETRIEVAL)
    return [each for step in steps for each in step.output.get("passages", ())]
