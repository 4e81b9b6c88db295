"""What people do with their own accounts. These belong to no organisation and so to no audit log;
they are log lines, and a mail to the person where it matters."""

from __future__ import annotations

import structlog
from allauth.account.models import EmailAddress
from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

from tenants.models import User

log = structlog.get_logger(__name__)


def update_profile(user: User, *, name: str) -> User:
    """Change how others see oneself."""
    user.name = name
    user.save(update_fields=["name"])
    return user


@transaction.atomic
def wish_email(user: User, email: str) -> EmailAddress:
    """Note the address that somebody wants to have, in place of an earlier wish. It has no effect
    before its mailbox has confirmed it."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    return EmailAddress.objects.create(user=user, email=email)


def ask_password_reset(email: str, *, base_url: str) -> None:
    """Have a worker mail the link, whether there is such an account or not."""
    try:
        current_app.send_task(
            "tenants.mail_reset_link", args=[email, base_url], queue="runs", retry=False
        )
    except (OperationalError, OSError):
        log.exception("reset.not_sent")
