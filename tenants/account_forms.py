"""The sign-in form."""

from __future__ import annotations

from django import forms
from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """Sign-in by e-mail address, in any case of letters."""

    username = forms.EmailField(
        label="E-mail",
        max_length=254,
        widget=forms.EmailInput(attrs={"autofocus": True, "autocomplete": "username"}),
    )
    error_messages = {
        "invalid_login": "That e-mail and password do not match. Both are checked together.",
        "inactive": "That e-mail and password do not match. Both are checked together.",
    }

    def clean_username(self) -> str:
        """In small letters, so that the lock-out counts every spelling as one person."""
        address: str = self.cleaned_data["username"]
        return address.strip().lower()
