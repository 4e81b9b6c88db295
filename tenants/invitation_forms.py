"""Forms around invitations: making one, and taking one with a new account."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError

from tenants import granting, inviting
from tenants.access import Access, no_rows
from tenants.models import Invitation, Role, User
from tenants.models.names import refuse_hidden

DELIVERIES = [
    ("mail", "Send an e-mail to one person"),
    ("link", "Give me a link to pass on; whoever uses it first is in"),
]


class InvitationForm(forms.Form):
    """Who is invited, as what, and for how long the invitation is open."""

    # The address is hidden, but still there, while a link is wanted.
    use_required_attribute = False

    delivery = forms.ChoiceField(
        label="How", choices=DELIVERIES, initial="mail", widget=forms.RadioSelect
    )
    email = forms.EmailField(label="E-mail", max_length=254)
    role = forms.ModelChoiceField(no_rows(Role), empty_label=None)
    days = forms.TypedChoiceField(
        label="Open for",
        coerce=int,
        choices=list(inviting.LIFETIMES.items()),
        initial=inviting.USUAL_LIFETIME,
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = cast("forms.ModelChoiceField[Role]", self.fields["role"])
        role.queryset = granting.grantable(access).order_by("label")
        role.initial = role.queryset.filter(is_built_in=True, slug="viewer").first()
        if self.data.get("delivery") == Invitation.Delivery.LINK:
            self.fields["email"].disabled = True  # a link takes no address, whatever was typed
            self.fields["email"].required = False


class NewAccountForm(forms.Form):
    """Name and password of a new account; the address too where the invitation names none."""

    email = forms.EmailField(
        label="E-mail", max_length=254, widget=forms.EmailInput(attrs={"autocomplete": "username"})
    )
    name = forms.CharField(
        label="Your name",
        max_length=120,
        validators=[refuse_hidden],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    password = forms.CharField(
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters, and none of the common ones.",
    )

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        if invitation.is_mailed:
            del self.fields["email"]

    def clean(self) -> dict[str, Any]:
        """The password is judged together with the name and the address."""
        given = super().clean() or self.cleaned_data
        given.setdefault("email", self.invitation.email)
        if password := given.get("password"):
            person = User(email=given["email"], name=given.get("name", ""))
            try:
                password_validation.validate_password(password, person)
            except ValidationError as refusal:
                self.add_error("password", refusal)
        return given
