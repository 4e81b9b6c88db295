"""Forms of the Access tab."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from tenants import sharing
from tenants.access import Access
from tenants.models import Shareable
from tenants.sharing import Share

NOBODY = "Nobody in this organisation has this address."


class RestrictForm(forms.Form):
    """Whether the object is left to those it is shared with."""

    is_restricted = forms.BooleanField(required=False)


class ShareForm(forms.Form):
    """What one person or role gets on an object, and what they are denied.

    Cleaned, it has the `holder`: a member named by address or id, or a role by id.
    """

    email = forms.EmailField(required=False, label="Person")
    member = forms.UUIDField(required=False, widget=forms.HiddenInput)
    role = forms.UUIDField(required=False, widget=forms.HiddenInput)
    allowed = forms.ChoiceField(required=False, label="May")
    denied = forms.ChoiceField(required=False, label="Never")

    def __init__(
        self, *args: Any, access: Access, row: Shareable, share: Share | None = None, **kwargs: Any
    ) -> None:
        """`share` is what stands now, for a form in its place of the list."""
        super().__init__(*args, **kwargs)
        self.access = access
        self._offer("allowed", allowing(type(row)))
        self._offer("denied", denying(type(row)))
        if share:
            self.initial.update(allowed=share.allowed, denied=share.denied)

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        holder = self._holder(given)
        if holder is None and not self.errors:
            self.add_error("email", NOBODY if given.get("email") else "Say who.")
        return {**given, "holder": holder}

    def _holder(self, given: dict[str, Any]) -> sharing.Holder | None:
        """Raises Http404 for an id that is nobody's here."""
        if given.get("role"):
            return sharing.role(self.access, given["role"])
        if given.get("member"):
            return sharing.member(self.access, given["member"])
        return sharing.member_by_email(self.access, given.get("email") or "")


class NewShareForm(ShareForm):
    """The same for a person for whom nothing stands yet: something has to be chosen."""

    def clean(self) -> dict[str, Any]:
        given = super().clean()
        if not self.errors and not given.get("allowed") and not given.get("denied"):
            self.add_error("allowed", "Choose what they may do, or what they may never do.")
        return given


def allowing(model: type[Shareable]) -> list[tuple[str, str]]:
    """The grants to choose from, each with all that it includes."""
    rungs = sharing.rungs_of(model)
    each = [(rung, _told(rungs[: place + 1])) for place, rung in enumerate(rungs)]
    return [("", "What the role brings"), *each]


def denying(model: type[Shareable]) -> list[tuple[str, str]]:
    """The denials to choose from, each with all that it takes away."""
    lowest, *others = sharing.rungs_of(model)
    each = [(rung, _told(sharing.blocked_by(model, rung))) for rung in others]
    return [("", "Nothing is denied"), (lowest, "Anything, not even see it"), *each]


def _told(actions: Sequence[str]) -> str:
    return sharing.listed(actions).capitalize()
