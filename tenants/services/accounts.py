"""What people do with their own accounts. These belong to no organisation and so to no audit log;
they are log lines, and a mail to the person where it matters."""

from __future__ import annotations

from collections import Counter
from functools import partial

import structlog
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from kombu.exceptions import OperationalError

from tenants import account_mail, audit, devices, factors
from tenants.models import Membership, User

log = structlog.get_logger(__name__)


def update_profile(user: User, *, name: str, time_zone: str) -> User:
    """Change how others see oneself, and in which time zone oneself sees times (empty: each
    organisation's)."""
    user.name, user.time_zone = name, time_zone
    user.save(update_fields=["name", "time_zone"])
    return user


@transaction.atomic
def wish_email(user: User, email: str) -> EmailAddress:
    """Note the address that somebody wants to have, in place of an earlier wish. It has no effect
    before its mailbox has confirmed it."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()
    return EmailAddress.objects.create(user=user, email=email)


def forget_wished_email(user: User) -> None:
    """Let the link to another address, if one waits to be opened, change nothing any more.

    Somebody else may have asked for it whom a new password is to shut out, and with it would take
    the account after all.
    """
    EmailAddress.objects.filter(user=user).exclude(email=user.email).delete()


def ask_password_reset(email: str, *, base_url: str) -> None:
    """Have a worker mail the link, whether there is such an account or not."""
    try:
        current_app.send_task(
            "tenants.mail_reset_link", args=[email, base_url], queue="runs", retry=False
        )
    except (OperationalError, OSError):
        log.exception("reset.not_sent")


@audit.atomic()
def reset_second_factor(user: User, *, by: str) -> Counter[str]:
    """Take all second factors off an account whose person has lost them, and end its sessions.

    The password alone opens the account then, to set up new ones. Told in the log of each of the
    person's organisations and by mail, which names `by` what it was done. How many there were of
    each kind (`Authenticator.Type`); none: nothing was changed.
    """
    user = factors.locked(user)
    mine = Authenticator.objects.filter(user=user)
    removed = Counter(mine.values_list("type", flat=True))
    if not removed:
        return removed
    mine.delete()
    devices.end_sessions(user)
    told = ", ".join(f"{Authenticator.Type(kind).label} × {n}" for kind, n in removed.items())
    theirs = Membership.unscoped.filter(user=user).select_related("tenant").order_by("tenant_id")
    for member in theirs:  # in this order everywhere: each log is held until the end
        audit.record_system(
            member.tenant, "member.second_factor_reset", member, {"second_factor": [told, None]}
        )
    log.info("account.second_factor_reset", user=str(user.pk))
    notice = partial(
        account_mail.send_notice,
        "second_factor_reset",
        user.email,
        link=f"{settings.ROSTER_URL}{reverse('account_reset_password')}",
        when=timezone.now(),
        origin=("the server itself", by),
        changed={},
    )
    transaction.on_commit(partial(account_mail.try_sending, notice))
    return removed
