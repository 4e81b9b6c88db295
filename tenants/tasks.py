"""Names for the ground floor's background calls."""

from celery import shared_task

from tenants import attempts, idempotency, jobs, reset_mail, retention


@shared_task(name="tenants.reconcile_jobs", ignore_result=True)
def reconcile_jobs() -> None:
    """Every 15 seconds: see to jobs whose worker or message was lost."""
    jobs.reconcile()


@shared_task(name="tenants.purge_kept_answers", ignore_result=True)
def purge_kept_answers() -> None:
    """Every hour: remove answers that nobody may ask for again."""
    idempotency.purge()


@shared_task(
    name="tenants.mail_reset_link",
    ignore_result=True,
    autoretry_for=(OSError,),
    retry_backoff=True,
    max_retries=5,
)
def mail_reset_link(email: str, base_url: str) -> None:
    """Send the link for a new password, where the address has an account."""
    reset_mail.send(email, base_url)


@shared_task(name="tenants.forget_attempts", ignore_result=True)
def forget_attempts() -> None:
    """Every hour: remove counters of attempts that are over."""
    attempts.forget_past()


@shared_task(name="tenants.apply_retention", ignore_result=True)
def apply_retention() -> None:
    """Every hour: delete what organisations keep only for a while, each once a day."""
    retention.apply()
