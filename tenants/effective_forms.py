"""The questions of the pages “Effective access”."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import QuerySet

from tenants import explaining, sharing
from tenants.access import Access
from tenants.capabilities import GROUPS
from tenants.forms import AtOnce
from tenants.models import Membership, Shareable

WITHIN = [("", "All that you may see"), ("reached", "Only what they reach")]
NOT_A_MEMBER = "Nobody in this organisation has this address, so they reach nothing of it."


class PersonForm(forms.Form):
    """Whose access; cleaned, the `person` is a member."""

    person = forms.EmailField()

    def __init__(self, data: Any, *, access: Access) -> None:
        super().__init__(data if "person" in data else None)
        self.access = access

    def clean_person(self) -> Membership:
        member = sharing.member_by_email(self.access, self.cleaned_data["person"])
        if member is None:
            raise forms.ValidationError(NOT_A_MEMBER)
        return member


class ReachFilters(forms.Form):
    """Which objects; whatever is not understood asks nothing."""

    kind = forms.ChoiceField(required=False, widget=AtOnce, label="Kind")
    within = forms.ChoiceField(required=False, widget=AtOnce, choices=WITHIN, label="Show")
    q = forms.CharField(required=False, max_length=120, strip=True)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        kind = cast("forms.ChoiceField", self.fields["kind"])
        kind.choices = [(area, GROUPS[area]) for area in explaining.models()]
        self.is_valid()

    @property
    def model(self) -> type[Shareable]:
        """The kind of object; agents unless told."""
        return explaining.models()[self.cleaned_data.get("kind") or "agents"]

    def narrow(self, rows: QuerySet[Any], member: Membership) -> QuerySet[Any]:
        """The rows that are asked about."""
        words = self.cleaned_data.get("q")
        rows = rows.filter(name__icontains=words) if words else rows
        return explaining.reached(member, rows) if self.cleaned_data.get("within") else rows
