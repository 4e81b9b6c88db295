"""Forms of the settings: secrets and model providers."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any, cast

from django import forms
from django.db import models
from django.db.models import Q

from tenants import outbound
from tenants.forms import EditForm, mark_of
from tenants.merging import Values
from tenants.models import ModelPrice, Provider, Secret
from tenants.outbound import OutboundError

LONGEST_SECRET = 10_000
AMOUNTS = ("input_mtok", "output_mtok", "cached_input_mtok")


class SecretForm(EditForm[Secret]):
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
        if self.instance.is_of_a_tool:
            del self.fields["name"]  # it is known by its tool

    def saved(self) -> Values:
        return {**super().saved(), "value": mark_of(self.instance)}

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"held_for"}  # it decides what is unique


def _form_field(field: models.Field[Any, Any], **options: Any) -> forms.Field | None:
    """As Django's, with https assumed where an address says nothing."""
    if isinstance(field, models.URLField):
        options["assume_scheme"] = "https"
    return field.formfield(**options)


class ProviderForm(EditForm[Provider]):
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
        self.fields["base_url"].required = False
        if not self.access.may("manage_secrets"):
            # Who may not see secrets keeps the one that is there, or types a new one.
            del self.fields["secret"]
            self.fields["key"].help_text = "Empty: the present one stays."
            return
        secret = cast("forms.ModelChoiceField[Secret]", self.fields["secret"])
        offered = Q(held_for=Secret.HeldFor.PROVIDER) | Q(pk=self.instance.secret_id)
        secret.queryset = self.access.visible(Secret).filter(offered).order_by("name")
        secret.empty_label = "None, or the key that is typed below"

    def saved(self) -> Values:
        return {**super().saved(), "key": mark_of(self.instance.secret)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if "base_url" in cleaned and not cleaned["base_url"]:
            cleaned["base_url"] = Provider.ADDRESSES.get(cleaned.get("kind", ""), "")
            if not cleaned["base_url"]:
                self.add_error("base_url", "Say where the server is.")
        if address := cleaned.get("base_url"):
            try:
                # What would be refused at each call; a password in it would be told to all members.
                outbound.check_url(address)
            except OutboundError as refusal:
                self.add_error("base_url", str(refusal))
        return cleaned


class DefaultModelForm(forms.Form):
    """One of the models that a provider has listed."""

    model = forms.CharField(max_length=120)


class PriceForm(EditForm[ModelPrice]):
    """What a million tokens of a model cost this organisation."""

    class Meta:
        model = ModelPrice
        fields = ["model", "input_mtok", "output_mtok", "cached_input_mtok", "currency"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in AMOUNTS:
            self.fields[name].widget.attrs["step"] = "any"
            if (amount := self.initial.get(name)) is not None:
                self.initial[name] = f"{amount.normalize():f}"

    def shown(self, part: str, values: Values) -> str:
        told = super().shown(part, values)
        if part not in AMOUNTS or not re.fullmatch(r"\d{1,20}(\.\d{1,20})?", told):
            return told
        return f"{Decimal(told).normalize():f}"  # 0.50 is 0.5

    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() - {"provider"}  # it decides what is unique

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()
