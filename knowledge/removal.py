"""Taking sources and documents out, with all that was made of them.

Locks are taken in one order everywhere: jobs, then documents. So an ingest under way either ends
before its document goes, or finds its job cancelled.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import transaction

from knowledge import counting, storing
from knowledge.files import remove_later
from knowledge.models import Document, DocumentVersion, Source
from tenants import jobs
from tenants.models import Job


def remove_source(source: Source) -> None:
    """In the caller's transaction. Uploads into it wait, and then find it gone."""
    Source.unscoped.select_for_update(no_key=True).get(pk=source.pk)
    remove_documents(list(Document.unscoped.filter(source=source)))
    source.delete()


def remove_documents(documents: Sequence[Document]) -> None:
    """In the caller's transaction."""
    ids = [document.pk for document in documents]
    at_work = Job.unscoped.filter(
        pk__in=[document.job_id for document in documents], status__in=Job.UNFINISHED
    )
    for job in at_work.order_by("pk"):
        jobs.cancel(job)
    rows = list(Document.unscoped.select_for_update(of=("self",)).filter(pk__in=ids).order_by("pk"))
    remove_later(_file_names(rows))
    for space_id in storing.remove(ids):
        transaction.on_commit(partial(counting.settle_if_due, space_id))
    Document.unscoped.filter(pk__in=ids).delete()


def _file_names(documents: Sequence[Document]) -> list[str]:
    versions = DocumentVersion.unscoped.filter(document__in=documents).exclude(file="")
    return list(versions.values_list("file", flat=True))
