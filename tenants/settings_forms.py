"""Forms of the settings: secrets and model providers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.db import models

from tenants.forms import TenantModelForm
from tenants.models import Provider, Secret

LONGEST_SECRET = 10_000


class SecretForm(TenantModelForm[Secret]):
    """A name and a value that goes in and never comes out again."""

    value = forms.CharField(
        max_length=LONGEST_SECRET,
        strip=True,
        # Never rendered back, not even to whoever typed it a moment ago.
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        help_text="Sealed when it is saved. Nobody can read it again, only replace it.",
    )

    class Meta:
        model = Secret
        fields = ["name"]
        help_texts = {"name": "What tools and providers are shown when they choose it."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields["value"].required = False
            self.fields["value"].label = "New value"
            self.fields["value"].help_text = "Leave it empty to keep the present one."


def _form_field(field: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    """As Django's, with https assumed where an address says nothing."""
    if isinstance(field, models.URLField):
        options["assume_scheme"] = "https"
    return field.formfield(**options)


class ProviderForm(TenantModelForm[Provider]):
    """An account at a model vendor."""

    is_secret_confirmed = forms.BooleanField(
        required=False,
        label="Send the present key to the new address",
        help_text="Asked for only when the base URL moves to another host.",
    )

    class Meta:
        model = Provider
        formfield_callback = _form_field
        fields = ["name", "kind", "base_url", "secret", "default_model"]
        help_texts = {
            "secret": "A secret of this organisation; none for a server that asks for none.",
            "default_model": "As the server names it, for example gpt-5.1-mini.",
        }
        widgets = {"base_url": forms.URLInput(attrs={"data-kind": "code"})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_host = urlsplit(self.instance.base_url).netloc
        self.stored_secret = self.instance.secret_id
        if not self.stored_secret:
            del self.fields["is_secret_confirmed"]

    def clean(self) -> dict[str, Any]:
        """A new host needs the key confirmed, or it would be sent to a stranger."""
        given = super().clean() or self.cleaned_data
        secret = given.get("secret")
        is_same_key = secret is not None and secret.pk == self.stored_secret
        has_moved = urlsplit(given.get("base_url") or "").netloc != self.stored_host
        if is_same_key and has_moved and not given.get("is_secret_confirmed"):
            message = "The address has a new host. Confirm below that this key may be sent there."
            self.add_error("secret", message)
        return given
