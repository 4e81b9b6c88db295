"""Names for the composition's background calls."""

from celery import shared_task

from config.platform import counting


@shared_task(name="config.count_tenants", ignore_result=True)
def count_tenants() -> None:
    """Every five minutes: what the platform page tells."""
    counting.count_tenants()
