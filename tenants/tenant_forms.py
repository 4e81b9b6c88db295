"""Forms about an organisation as a whole."""

from __future__ import annotations

import re
from copy import copy
from typing import Any, cast

from django import forms

from tenants import time_zones
from tenants.access import Access
from tenants.forms import VersionedForm, narrow_choices
from tenants.models import Provider, Tenant

LONGEST_RETENTION = 36_500
SLUG_RULE = "Small letters, digits and single hyphens between them, as in acme-support."
ZONES = [(name, name.replace("_", " ")) for name in time_zones.names()]


class HostsField(forms.CharField):
    """Patterns of hosts, one on each line, as a list."""

    widget = forms.Textarea(attrs={"rows": 4, "data-kind": "code", "spellcheck": "false"})

    def to_python(self, value: Any) -> Any:
        return re.split(r"[\s,]+", str(value or "").strip()) if value and value.strip() else []

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def run_validators(self, value: Any) -> None:
        """The service checks each pattern."""


class TenantForm(VersionedForm[Tenant]):
    """What an organisation decides for itself."""

    time_zone = forms.ChoiceField(
        choices=ZONES,
        help_text="Pages tell times in it, to whoever has chosen none in their profile.",
    )
    allowed_hosts = HostsField(
        required=False,
        label="Hosts that tools may reach",
        help_text="One on each line: api.example.com, or *.example.com for all names below it."
        " Empty: every public host.",
    )
    retention_days = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=LONGEST_RETENTION,
        label="Keep runs for",
        help_text="Days. Ended runs with all their steps, and finished jobs, are deleted after"
        " that, for good. Empty or 0: they are kept for ever.",
    )

    class Meta:
        model = Tenant
        fields = [
            *("name", "slug", "time_zone", "default_provider", "default_model"),
            *("retention_days", "allowed_hosts"),
        ]
        labels = {"slug": "Address", "default_provider": "Provider", "default_model": "Model"}
        error_messages = {"slug": {"unique": "Another organisation has this address."}}
        help_texts = {
            "slug": f"{SLUG_RULE} Changing it changes the address of every page here.",
            "default_model": "Empty: the provider’s usual one.",
        }

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        # A copy: a refused form leaves its values in its instance, and the page shows the tenant.
        super().__init__(*args, instance=copy(access.tenant), **kwargs)
        narrow_choices(self, access)
        provider = cast("forms.ModelChoiceField[Provider]", self.fields["default_provider"])
        provider.empty_label = "Roster demo (built in, free)"
        provider.queryset = cast("Any", provider.queryset).order_by("name")

    def clean_retention_days(self) -> int | None:
        """None for ever."""
        days: int | None = self.cleaned_data["retention_days"]
        return days or None


class ArchiveForm(forms.Form):
    """The organisation's address, typed as a proof that this one is meant."""

    typed = forms.CharField(
        label="Type the address to go on",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, slug: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.slug = slug

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if typed != self.slug:
            raise forms.ValidationError(f"This is not “{self.slug}”. Nothing was archived.")
        return typed
