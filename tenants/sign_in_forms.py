"""The form of an organisation's own sign-in."""

from __future__ import annotations

import re
from typing import Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from tenants import granting, outbound
from tenants.forms import EditForm, mark_of
from tenants.merging import Values
from tenants.models import Role, SignInProvider
from tenants.outbound import OutboundError
from tenants.settings_forms import LONGEST_SECRET

DOMAIN = re.compile(r"(?=.{3,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
MOST_DOMAINS = 20


class SignInProviderForm(EditForm[SignInProvider]):
    """Who is asked, under which name we are known there, and who gets in as what."""

    server_url = forms.URLField(
        label="Server",
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text="Of OpenID Connect: the issuer's address. Changing it disconnects everybody.",
    )
    client_secret = forms.CharField(
        max_length=LONGEST_SECRET,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        help_text="Sealed when it is saved. Nobody can read it again, only replace it.",
    )
    domains = forms.CharField(
        label="E-mail domains",
        max_length=2000,
        widget=forms.TextInput(attrs={"data-kind": "code"}),
        help_text="Whose verified addresses get in, as in “example.org, example.com”.",
    )

    class Meta:
        model = SignInProvider
        fields = ["name", "kind", "server_url", "client_id", "domains", "role", "is_enabled"]
        labels = {"role": "Role of newcomers", "kind": "Service"}
        help_texts = {
            "name": "On its button.",
            "client_id": "As the service told you when you registered Roster there.",
            "role": "Of whoever comes for the first time. A member's role stays what it is.",
        }

    field_order = ["name", "kind", "server_url", "client_id", "client_secret", "domains", "role"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        role = cast("forms.ModelChoiceField[Role]", self.fields["role"])
        roles = granting.grantable(self.access).exclude(is_built_in=True, slug="owner")
        role.queryset, role.empty_label = roles.order_by("label"), None
        self.initial["domains"] = ", ".join(self.instance.domains or ())
        if self.instance._state.adding:
            role.initial = roles.filter(is_built_in=True, slug="viewer").first()
        else:
            self.fields["client_secret"].required = False
            self.fields["client_secret"].label = "New client secret"
            self.fields["client_secret"].help_text = "Leave it empty to keep the present one."

    def clean_domains(self) -> list[str]:
        """Lower-case names, each once."""
        text = self.cleaned_data["domains"].lower()
        domains = list(dict.fromkeys(filter(None, re.split(r"[\s,;@]+", text))))
        wrong = [domain for domain in domains if not DOMAIN.fullmatch(domain)]
        if wrong or not domains:
            raise ValidationError(f"“{wrong[0] if wrong else text}” is no domain.")
        if len(domains) > MOST_DOMAINS:
            raise ValidationError(f"At most {MOST_DOMAINS} domains.")
        return domains

    def saved(self) -> Values:
        secret = None if self.instance._state.adding else self.instance.secret
        return {**super().saved(), "client_secret": mark_of(secret)}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        url = cleaned.get("server_url", "").rstrip("/")
        if cleaned.get("kind") != SignInProvider.Kind.OPENID:
            cleaned["server_url"] = ""
        elif problem := _problem(url):
            self.add_error("server_url", problem)
        else:
            cleaned["server_url"] = url
        return cleaned


def _problem(url: str) -> str:
    try:
        outbound.check_url(url)
    except OutboundError as refusal:
        return str(refusal)
    if not (url.startswith("https://") or settings.ALLOW_PRIVATE_NETWORKS):
        return "Write an address that begins with https://."
    return ""
