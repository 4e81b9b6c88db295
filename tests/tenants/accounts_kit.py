"""What tests of accounts have in common: a person with a password, codes, and the mailbox."""

import re

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.core import mail

PASSWORD = "correct horse battery"
ANOTHER = "an entirely different one"
SIGN_IN = "/accounts/sign-in/"


def sign_in(client, person, password=PASSWORD, **extra):
    email = getattr(person, "email", person)
    return client.post(SIGN_IN, {"login": email, "password": password, **extra})


def confirm(client, password=PASSWORD):
    """The password once more, which what matters asks for."""
    return client.post("/accounts/confirm/", {"password": password})


def add_app(person):
    """An authenticator app and recovery codes; the app's key, as the phone has it."""
    key = totp.generate_totp_secret()
    totp.TOTP.activate(person, key)
    RecoveryCodes.activate(person)
    return key


def add_passkey(person, name="Laptop"):
    """A row that stands for a passkey, where nothing is to be proved with it."""
    return Authenticator.objects.create(user=person, type="webauthn", data={"name": name})


def code_of(key, steps=0):
    """What the app shows now, or some steps of half a minute later."""
    counter = [*totp.yield_hotp_counters_from_time()][1] + steps
    return totp.format_hotp_value(totp.hotp_value(key, counter))


def recovery_codes_of(person):
    return Authenticator.objects.get(user=person, type="recovery_codes").wrap().get_unused_codes()


def seal(text):
    return get_adapter().encrypt(text)


def link_in_mail(number=-1):
    """The path of the link in a message."""
    return re.search(r"https?://[^/]+(/\S+)", mail.outbox[number].body)[1]
