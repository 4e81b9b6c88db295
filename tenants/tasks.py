"""Names for the ground floor's background calls."""

from celery import shared_task

from tenants import idempotency, jobs


@shared_task(name="tenants.reconcile_jobs", ignore_result=True)
def reconcile_jobs() -> None:
    """Every 15 seconds: see to jobs whose worker or message was lost."""
    jobs.reconcile()


@shared_task(name="tenants.purge_kept_answers", ignore_result=True)
def purge_kept_answers() -> None:
    """Every hour: remove answers that nobody may ask for again."""
    idempotency.purge()
