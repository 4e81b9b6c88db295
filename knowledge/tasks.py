"""What workers do for knowledge."""

from celery import shared_task

from knowledge import counting, indexing
from tenants.jobs import job_kind

INGEST = "knowledge.ingest"


job_kind(
    INGEST,
    queue="knowledge",
    subject="knowledge.document",
    action="upload",
    on_failure=indexing.mark_failed,
)(indexing.INGEST)


@shared_task(name="knowledge.settle_terms", ignore_result=True)
def settle_terms() -> None:
    """Asked for every minute, for spaces that have become quiet."""
    counting.settle_all()
