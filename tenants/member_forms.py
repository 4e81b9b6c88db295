"""Forms of the members' pages."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.db.models import Q, QuerySet

from tenants import granting
from tenants.access import Access, no_rows
from tenants.forms import AtOnce, EditForm, Filters
from tenants.models import Membership, Role

STATUSES = [("", "Any status"), ("active", "Active"), ("suspended", "Suspended")]


class MemberForm(EditForm[Membership]):
    """A member's role, out of those that this person may give."""

    class Meta:
        model = Membership
        fields = ["role"]

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        role = cast("forms.ModelChoiceField[Role]", self.fields["role"])
        role.queryset, role.empty_label = granting.grantable(access).order_by("label"), None
        role.help_text = "What it includes stands under Roles. It holds from the next click on."


class HeirField(forms.ModelChoiceField):  # type: ignore[type-arg]  # not generic when it runs
    """A choice of members, by name."""

    def label_from_instance(self, member: Membership) -> str:
        return f"{member.user} ({member.user.email}), {member.role}"


class TransferForm(forms.Form):
    """Who becomes owner in one's own place."""

    member = HeirField(no_rows(Membership), empty_label="Choose a member", label="New owner")

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = access.visible(Membership).filter(is_suspended=False, user__is_active=True)
        others = active.exclude(user=access.user).select_related("user", "role")
        field = cast("forms.ModelChoiceField[Membership]", self.fields["member"])
        field.queryset = others.order_by("user__name", "user__email")


class MemberFilters(Filters):
    """What the list of members is narrowed by; a value outside the closed lists is ignored."""

    q = forms.CharField(required=False, max_length=200)
    role = forms.ModelChoiceField(
        no_rows(Role), required=False, empty_label="Any role", widget=AtOnce
    )
    status = forms.ChoiceField(required=False, choices=STATUSES, widget=AtOnce)

    def narrow(self, members: QuerySet[Membership]) -> QuerySet[Membership]:
        """The members that were asked for."""
        self.is_valid()
        asked = self.cleaned_data
        if words := asked.get("q"):
            members = members.filter(
                Q(user__name__icontains=words) | Q(user__email__icontains=words)
            )
        if asked.get("role"):
            members = members.filter(role=asked["role"])
        if status := asked.get("status"):
            is_active = Q(is_suspended=False, user__is_active=True)
            members = members.filter(is_active if status == "active" else ~is_active)
        return members
