"""Forms of a person's own account, on django-allauth's."""

from __future__ import annotations

from typing import Any, cast

from allauth.account import forms as account_forms
from allauth.account.internal.flows.email_verification import send_verification_email_to_address
from allauth.account.models import EmailAddress
from django import forms
from django.http import HttpRequest

from tenants import services
from tenants.links import base_url
from tenants.models import User
from tenants.tenant_forms import ZONES

EMAIL = forms.EmailInput(attrs={"autocomplete": "username"})
NEW_HELP = "At least 12 characters, and none of the common ones."


def _word(
    form: forms.BaseForm, name: str, label: str, help_text: str = "", **attributes: Any
) -> None:
    """Say a field of allauth's in our words, without the label once more inside the control."""
    field = form.fields[name]
    field.label, field.help_text = label, help_text
    field.widget.attrs.pop("placeholder", None)
    field.widget.attrs.update(attributes)


class SignInForm(account_forms.LoginForm):
    """E-mail and password, in one step."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "login", "E-mail", autofocus=True, autocomplete="username webauthn")
        _word(self, "password", "Password")


class ConfirmPasswordForm(account_forms.ReauthenticateForm):
    """The password once more, before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "password", "Password", autofocus=True)


class EmailForm(account_forms.AddEmailForm):
    """The address to sign in with from now on, once its mailbox has confirmed it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        help_text = "A link goes there. The present address stays in use until it is opened."
        _word(self, "email", "New e-mail address", help_text)

    def save(self, request: HttpRequest) -> EmailAddress:
        """Keep the wish beside the present address, which allauth would drop if unverified."""
        address = services.wish_email(cast("User", self.user), self.cleaned_data["email"])
        send_verification_email_to_address(request, address)
        return address


class PasswordForm(account_forms.ChangePasswordForm):
    """A new password by whoever knows the old one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "oldpassword", "Present password")
        _word(self, "password1", "New password", NEW_HELP)
        _word(self, "password2", "New password, once more")


class FirstPasswordForm(account_forms.SetPasswordForm):
    """A password for an account that had none."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "password1", "Password", NEW_HELP)
        _word(self, "password2", "Password, once more")


class ResetRequestForm(forms.Form):
    """Where the link for a new password should go; the answer is the same for every address."""

    email = forms.EmailField(label="E-mail", max_length=254, widget=EMAIL)

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Leave looking the address up to a worker, so that the answer takes as long for all."""
        email = self.cleaned_data["email"].strip().lower()
        services.ask_password_reset(email, base_url=base_url(request))
        return email


class ResetForm(account_forms.ResetPasswordKeyForm):
    """The new password of whoever opened the link."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _word(self, "password1", "New password", NEW_HELP, autofocus=True)
        _word(self, "password2", "New password, once more")


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]  # generic for type checkers alone
    """How others see a person, and how the person sees times."""

    time_zone = forms.ChoiceField(
        label="Time zone",
        required=False,
        choices=[("", "As each organisation has it"), *ZONES],
        help_text="In which pages tell you times. Days that you enter are days there.",
    )

    class Meta:
        model = User
        fields = ["name", "time_zone"]
        labels = {"name": "Name"}
        help_texts = {"name": "Shown to the members of your organisations."}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name"})}
