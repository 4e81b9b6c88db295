"""Forms of the second factor, on django-allauth's."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest

from tenants import attempts, factors

ENTER = {"autofocus": True, "autocomplete": "one-time-code", "inputmode": "numeric"}
CODE_HELP = "The six digits that your authenticator app shows, or one of your recovery codes."


def _code(form: forms.BaseForm, help_text: str) -> None:
    field = form.fields["code"]
    field.label, field.help_text = "Code", help_text
    field.widget = forms.TextInput(attrs=ENTER)


class OneCode(base_forms.BaseAuthenticateForm):
    """A code that is right once: guesses are counted, and what was used is noted in the database,
    where allauth remembers it for one process alone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, CODE_HELP)

    def clean_code(self) -> str:
        """Raises TooManyAttempts."""
        attempts.take("code of", self.user.pk)
        with transaction.atomic():
            mine = Authenticator.objects.select_for_update().filter(user=self.user)
            apps = [one for one in mine if one.type == Authenticator.Type.TOTP]
            code: str = super().clean_code()
            if any(factors.was_used(one, code, time.time()) for one in apps):
                raise get_adapter().validation_error("incorrect_code")
            for one in apps:
                factors.note_use(one, code, time.time())
        attempts.forget("code of", self.user.pk)
        return code


class CodeForm(OneCode, base_forms.AuthenticateForm):
    """The second step of signing in."""


class ConfirmCodeForm(OneCode, base_forms.ReauthenticateForm):
    """A code before something that matters."""


class AppForm(totp_forms.ActivateTOTPForm):
    """The first code of an authenticator app, which proves that it has the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _code(self, "The six digits that the app shows now.")

    def clean_code(self) -> str:
        """Raises TooManyAttempts."""
        attempts.take("code of", self.user.pk)
        code: str = super().clean_code()
        attempts.forget("code of", self.user.pk)
        return code


@receiver(authenticator_added)
def _first_code_is_used(request: HttpRequest, authenticator: Authenticator, **_: Any) -> None:
    """The code that proved an app opens nothing after that."""
    if authenticator.type == Authenticator.Type.TOTP:
        factors.note_use(authenticator, request.POST.get("code", ""), time.time())


class Credential(forms.JSONField):
    """What a browser says of a passkey, as JSON that is not nested beyond reading."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError as problem:
            raise get_adapter().validation_error("incorrect_code") from problem


def _refusing(clean: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The check of what a browser says of a passkey, for whom anybody may speak: allauth and fido2
    leave some malformed answers to whoever calls them."""

    @wraps(clean)
    def checked(form: Any) -> Any:
        try:
            return clean(form)
        except (AttributeError, LookupError, TypeError, ValueError, struct.error) as problem:
            raise get_adapter().validation_error("incorrect_code") from problem

    return checked


class PasskeySignInForm(webauthn_forms.LoginWebAuthnForm):
    """A passkey in place of the password."""

    credential = Credential()
    clean_credential = _refusing(webauthn_forms.LoginWebAuthnForm.clean_credential)


class PasskeyStepForm(webauthn_forms.AuthenticateWebAuthnForm):
    """A passkey as the second step of signing in."""

    credential = Credential()
    clean_credential = _refusing(webauthn_forms.AuthenticateWebAuthnForm.clean_credential)


class PasskeyConfirmForm(webauthn_forms.ReauthenticateWebAuthnForm):
    """A passkey before something that matters."""

    credential = Credential()
    clean_credential = _refusing(webauthn_forms.ReauthenticateWebAuthnForm.clean_credential)


class PasskeyForm(webauthn_forms.AddWebAuthnForm):
    """A name for a passkey, and whether it is to open the account by itself."""

    credential = Credential()
    clean = _refusing(webauthn_forms.AddWebAuthnForm.clean)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        name, alone = self.fields["name"], self.fields["passwordless"]
        name.label, name.max_length = "Name", 80
        name.required = True
        name.widget.attrs["maxlength"] = 80
        name.help_text = "So that you recognise it in the list, as in “Laptop”."
        alone.label, alone.initial = "Sign in with it alone", True
        alone.help_text = "Without the password. The device asks for a fingerprint, face or PIN."


class PasskeyNameForm(webauthn_forms.EditWebAuthnForm):
    """Another name for a passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].label = "Name"
        self.fields["name"].max_length = 80
