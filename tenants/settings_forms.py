"""Forms of the settings: secrets and model providers."""

from __future__ import annotations

from typing import Any, cast

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


# A key that was typed into a tool's form is the tool's, for its own host alone.
OF_A_TOOL = r"^Tool .*\([0-9a-f-]{36}\)$"


class ProviderForm(TenantModelForm[Provider]):
    """An account at a model vendor."""

    key = forms.CharField(
        required=False,
        max_length=LONGEST_SECRET,
        label="Key",
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        help_text="Kept as a new secret; or the value of the secret above, when that is to go to"
        " a host for the first time.",
    )

    class Meta:
        model = Provider
        formfield_callback = _form_field
        fields = ["name", "kind", "base_url", "secret", "default_model"]
        labels = {"secret": "Secret"}
        help_texts = {
            "secret": "A secret that this organisation keeps already.",
            "default_model": "As the server names it, for example gpt-5.1-mini.",
        }
        widgets = {"base_url": forms.URLInput(attrs={"data-kind": "code"})}

    field_order = ["name", "kind", "base_url", "secret", "key", "default_model"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        secret = cast("forms.ModelChoiceField[Secret]", self.fields["secret"])
        secret.queryset = self.access.visible(Secret).exclude(name__regex=OF_A_TOOL)
        secret.empty_label = "None"
