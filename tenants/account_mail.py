"""Messages about a person's account: one change each, with when and from where."""

from __future__ import annotations

from datetime import datetime

from django.core.mail import send_mail

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
    "mfa/email/recovery_codes_generated": "New recovery codes were made; the old ones are void.",
    "socialaccount/email/account_connected": "A sign-in was connected to your account.",
    "socialaccount/email/account_disconnected": "A sign-in was disconnected from your account.",
}

NOTICE = """{what}

When: {when:%d %B %Y, %H:%M} UTC
From: {ip}
With: {user_agent}

If that was not you, choose a new password at once and sign all devices out:

{link}
"""

CONFIRMATION = """Confirm that {email} is to be your address on Roster:

{link}

The link works for a day. If you did not ask for this, ignore the message: nothing happens then.
"""


def send_notice(
    occasion: str,
    email: str,
    *,
    link: str,
    when: datetime,
    ip: str,
    user_agent: str,
    changed: dict[str, str],
) -> None:
    """Tell somebody about a change to their account. Raises OSError."""
    what = NOTICES[occasion].format(**changed)
    told = " ".join(user_agent.split())  # one line, so that it can't pose as another paragraph
    text = NOTICE.format(what=what, when=when, ip=ip, user_agent=told, link=link)
    send_mail("Your Roster account was changed", text, None, [email])


def send_confirmation(email: str, link: str) -> None:
    """Ask a mailbox whether it belongs to who named it. Raises OSError."""
    text = CONFIRMATION.format(email=email, link=link)
    send_mail("Confirm your e-mail address", text, None, [email])
