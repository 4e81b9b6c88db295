"""Forms of the platform's pages."""

from __future__ import annotations

from django import forms
from django.db.models import Q, QuerySet

from tenants.capabilities import BUILT_IN_ROLES
from tenants.forms import AtOnce
from tenants.models import Tenant
from tenants.tenant_forms import SLUG_RULE, ZONES

STATES = [("", "Any state"), ("active", "Active"), ("archived", "Archived")]
ROLES = [(slug, label) for slug, (label, _) in BUILT_IN_ROLES.items()]


class NewTenantForm(forms.Form):
    """A new organisation, and who owns it."""

    name = forms.CharField(max_length=120)
    slug = forms.SlugField(
        max_length=60, label="Address", help_text=f"{SLUG_RULE} It is in the address of each page."
    )
    time_zone = forms.ChoiceField(choices=ZONES, initial="UTC")
    email = forms.EmailField(
        max_length=254,
        label="Owner’s e-mail",
        help_text="They are invited by mail; a platform admin is owner at once.",
    )


class OwnerForm(forms.Form):
    """Who is to own an organisation that has no owner."""

    email = forms.EmailField(max_length=254, label="Owner’s e-mail")


class JoinForm(forms.Form):
    """As what somebody joins from the platform, and why."""

    role = forms.ChoiceField(choices=ROLES, initial="viewer", label="Role")
    reason = forms.CharField(
        max_length=300,
        help_text="The members of the organisation read it, beside your name and in their log.",
    )


class TenantFilters(forms.Form):
    """What the list is narrowed by; a value outside the closed lists is ignored."""

    q = forms.CharField(required=False, max_length=200)
    state = forms.ChoiceField(required=False, choices=STATES, widget=AtOnce)

    def narrow(self, tenants: QuerySet[Tenant]) -> QuerySet[Tenant]:
        """The tenants that were asked for."""
        self.is_valid()
        if words := self.cleaned_data.get("q"):
            tenants = tenants.filter(Q(name__icontains=words) | Q(slug__icontains=words))
        if state := self.cleaned_data.get("state"):
            tenants = tenants.filter(archived_at__isnull=state == "active")
        return tenants

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.values())
