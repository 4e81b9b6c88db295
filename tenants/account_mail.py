"""Messages about a person's account: one change each, with when and from where."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import structlog
from django.core.mail import send_mail

log = structlog.get_logger(__name__)

# What django-allauth calls the occasion → what has happened.
NOTICES = {
    "account/email/password_changed": "Your password was changed.",
    "account/email/password_reset": "Your password was set anew through a link by e-mail.",
    "account/email/password_set": "Your account has a password now.",
    "account/email/email_changed": "You sign in with {to_email} now, no longer with {from_email}.",
    "mfa/email/totp_activated": "An authenticator app was added to your account.",
    "mfa/email/totp_deactivated": "The authenticator app was removed from your account.",
    "mfa/email/webauthn_added": "A passkey was added to your account.",
    "mfa/email/webauthn_removed": "A passkey was removed from your account.",
    "second_factor_reset": "Whoever runs Roster took all second factors off your account.",
    "mfa/email/recovery_codes_generated": "New recovery codes were made; the old ones are void.",
    "socialaccount/email/account_connected": "A sign-in was connected to your account.",
    "socialaccount/email/account_disconnected": "A sign-in was disconnected from your account.",
}

NOTICE = """{what}

When: {when.day} {when:%B %Y, %H:%M} UTC
From: {ip}
With: {user_agent}

If that was not you, choose a new password at once and sign all devices out:

{link}
"""

CONFIRMATION = """Confirm that {email} is to be your address on Roster:

{link}

The link works for a day. If you did not ask for this, ignore the message: nothing happens then.
"""


def try_sending(send: Callable[[], None]) -> None:
    """A mail server that is away is told to the log: what the mail is about has happened."""
    try:
        send()
    except OSError as error:  # also every error of smtplib
        log.warning("account.mail_not_sent", error=str(error))


def send_notice(
    occasion: str,
    email: str,
    *,
    link: str,
    when: datetime,
    origin: tuple[str, str],
    changed: dict[str, str],
) -> None:
    """Tell somebody about a change to their account, made from an address with a browser.

    Raises OSError.
    """
    what = NOTICES[occasion].format(**changed)
    # One line, so that it can't pose as another paragraph.
    ip, user_agent = (" ".join(told.split()) for told in origin)
    text = NOTICE.format(what=what, when=when, ip=ip, user_agent=user_agent, link=link)
    send_mail("Your Roster account was changed", text, None, [email])


def send_confirmation(email: str, link: str) -> None:
    """Ask a mailbox whether it belongs to who named it. Raises OSError."""
    text = CONFIRMATION.format(email=email, link=link)
    send_mail("Confirm your e-mail address", text, None, [email])
