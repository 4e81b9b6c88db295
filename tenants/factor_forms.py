"""Forms of the second factor, on django-allauth's."""

from __future__ import annotations

import time
from typing import Any

from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY
from allauth.mfa.webauthn import forms as webauthn_forms
from django import forms
from django.db import transaction

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

    secret: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        session = context.request.session
        kept = session.pop(SECRET_SESSION_KEY, "")
        super().__init__(*args, **kwargs)  # puts a new key into the session, as it is
        if self.is_bound:
            self.secret = factors.unsealed(self.user, kept) or self.secret
        session[SECRET_SESSION_KEY] = factors.sealed(self.user, self.secret)
        _code(self, "The six digits that the app shows now.")

    def clean_code(self) -> str:
        """Raises TooManyAttempts."""
        attempts.take("code of", self.user.pk)
        code: str = super().clean_code()
        attempts.forget("code of", self.user.pk)
        return code


class PasskeyForm(webauthn_forms.AddWebAuthnForm):
    """A name for a passkey, and whether it is to open the account by itself."""

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
