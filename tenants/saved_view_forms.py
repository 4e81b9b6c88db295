"""Forms of saved views."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict

from tenants.access import Access, no_rows
from tenants.models import SavedView


class ViewForm(forms.Form):
    """A view's name, whether everybody finds it, and whether the list opens with it."""

    name = forms.CharField(max_length=60, error_messages={"required": "Give it a name."})
    is_shared = forms.BooleanField(
        label="Share it with everybody",
        required=False,
        help_text="Everybody in the organisation finds it on this list. It shows each of them only "
        "what they may see.",
    )
    is_default = forms.BooleanField(
        label="Open the list with it",
        required=False,
        help_text="For you alone; “All” leads to the whole list.",
    )

    def __init__(self, *args: Any, access: Access, view: SavedView | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.view = view
        if not access.may("manage_tenant") and not (view and view.is_shared):
            del self.fields["is_shared"]

    def clean_name(self) -> str:
        name = " ".join(str(self.cleaned_data["name"]).split())
        if not name and not self.data.get("replaces"):
            raise forms.ValidationError("Give it a name.")
        return name

    def fields_for_service(self) -> dict[str, Any]:
        """Name and sharing, as far as this person could decide about it."""
        names = ("name", "is_shared")
        return {name: self.cleaned_data[name] for name in names if name in self.cleaned_data}


class NewViewForm(ViewForm):
    """What is saved: the query that the list's address had; as a new view or in place of one."""

    query = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)
    replaces = forms.ModelChoiceField(
        no_rows(SavedView),
        label="Save as",
        required=False,
        empty_label="A new view",
        help_text="Or in place of what one of yours shows now; that one keeps its name.",
    )

    field_order = ("replaces", "name", "is_shared", "is_default", "query")

    def __init__(self, *args: Any, access: Access, listed: str, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        mine = access.visible(SavedView, "change").filter(listed=listed).order_by("name")
        if mine.exists():
            self.fields["name"].required = False
            cast("forms.ModelChoiceField[SavedView]", self.fields["replaces"]).queryset = mine
        else:
            del self.fields["replaces"]

    def asked(self) -> dict[str, str]:
        """The parameters of the address."""
        return QueryDict(self.cleaned_data["query"].lstrip("?")).dict()
