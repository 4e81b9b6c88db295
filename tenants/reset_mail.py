"""The message with which somebody who forgot their password chooses a new one."""

from __future__ import annotations

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.core.mail import send_mail
from django.urls import reverse

from tenants.models import User

TEXT = """Somebody, probably you, asked for a new password for {email} on Roster.

Choose it here:

{link}

The link works once, for an hour. All your devices are signed out then.
If it was not you, ignore this message: nothing happens, and your password stays.
"""


def send(email: str, base_url: str) -> None:
    """Send it to the person with this address, if there is one who may sign in.

    Raises OSError where the mail server did not take it. Not inside a transaction.
    """
    person = User.objects.filter(email=email, is_active=True).first()
    if person is not None:
        text = TEXT.format(email=email, link=link_for(person, base_url))
        send_mail("Choose a new password", text, None, [email])


def link_for(person: User, base_url: str) -> str:
    """The address that lets its holder set the person's password, until it is used."""
    uid, token = user_pk_to_url_str(person), default_token_generator.make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": uid, "key": token})
    return f"{base_url}{path}"
