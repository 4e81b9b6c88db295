"""The message that invites somebody."""

from __future__ import annotations

import structlog
from django.core.mail import send_mail
from django.utils import timezone

from tenants.models import Invitation

log = structlog.get_logger(__name__)

TEXT = """{who} invites you to join {tenant} on Roster as {role}.

Accept the invitation here:

{link}

The link works once, until {until} UTC.
If you did not expect it, ignore this message: nothing happens then.
"""


def send(invitation: Invitation, link: str) -> bool:
    """Send it; False where the mail server did not take it. Not inside a transaction."""
    inviter = invitation.invited_by
    who = _line(f"{inviter} ({inviter.email})") if inviter else "The Roster administration"
    tenant = _line(invitation.tenant.name)
    until = timezone.localtime(invitation.expires_at, timezone.get_default_timezone())
    text = TEXT.format(
        who=who,
        tenant=tenant,
        role=_line(invitation.role.label),
        link=link,
        until=f"{until.day} {until:%B %Y, %H:%M}",
    )
    try:
        send_mail(f"You are invited to {tenant}", text, None, [invitation.email])
    except OSError as error:  # also every error of smtplib
        log.warning("invitation.not_sent", invitation=str(invitation.pk), error=str(error))
        return False
    return True


def _line(text: str) -> str:
    """People's text as one line, so that it can't pose as another header or paragraph."""
    return " ".join(text.split())
