"""The form of a role: its name, and check-boxes for what it may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from django import forms

from tenants import granting
from tenants.access import Access, no_rows
from tenants.capabilities import DESCRIPTIONS, GROUPS, LABELS, closure, group_of
from tenants.merging import STALE, Merging, VersionInput
from tenants.models import Role
from tenants.models.names import refuse_hidden


@dataclass(frozen=True, slots=True)
class Box:
    """One capability as the page draws it."""

    name: str
    is_checked: bool
    is_held: bool  # whether the person who looks at it may give it

    @property
    def label(self) -> str:
        return LABELS[self.name]

    @property
    def description(self) -> str:
        return DESCRIPTIONS[self.name]

    @property
    def includes(self) -> str:
        """The capabilities that come with this one, for js/capabilities.js."""
        return " ".join(sorted(closure({self.name}) - {self.name}))


def boxes(checked: frozenset[str], access: Access) -> list[tuple[str, list[Box]]]:
    """All capabilities under the titles of their groups."""
    return [
        (title, [Box(name, name in checked, access.may(name)) for name in _in_group(group)])
        for group, title in GROUPS.items()
    ]


def _in_group(group: str) -> list[str]:
    return [name for name in LABELS if group_of(name) == group]


class RoleForm(Merging, forms.Form):
    """A role of the organisation's own; only what the person holds can be put into it."""

    label = forms.CharField(label="Name", max_length=60, validators=[refuse_hidden])
    description = forms.CharField(
        max_length=300, required=False, help_text="For whom it is, in a sentence."
    )
    capabilities = forms.MultipleChoiceField(required=False, label="Rights")
    version = forms.CharField(required=False, widget=VersionInput)

    def __init__(
        self, *args: Any, access: Access, role: Role | None = None, like: Role | None = None,
        **kwargs: Any,
    ) -> None:  # fmt: skip
        """`role` is being edited; a new one may start `like` another."""
        super().__init__(*args, **kwargs)
        self.access, self.role = access, role
        choice = cast("forms.MultipleChoiceField", self.fields["capabilities"])
        choice.choices = [(name, LABELS[name]) for name in LABELS if access.may(name)]
        model = role or like
        held = granting.capabilities_of(model) if model else frozenset()
        self.initial["capabilities"] = sorted(held & access.capabilities)
        if model:
            self.initial["label"] = model.label if role else f"{model.label} (copy)"
            self.initial["description"] = model.about
        if role:
            self.begin_merging(role)

    @property
    def groups(self) -> list[tuple[str, list[Box]]]:
        """What the page draws."""
        chosen = set(self["capabilities"].value() or ()) & set(LABELS)
        return boxes(closure(chosen), self.access)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if self.met_newer(given.pop("version", "")):
            self.add_error(None, STALE)
        if self.present_version:
            given["expected_version"] = self.present_version
        return given


class RoleDeleteForm(forms.Form):
    """Which role comes in its place."""

    move_to = forms.ModelChoiceField(
        no_rows(Role),
        empty_label="Choose a role",
        label="Role in its place",
    )

    def __init__(
        self, *args: Any, access: Access, role: Role, is_used: bool, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choice = cast("forms.ModelChoiceField[Role]", self.fields["move_to"])
        choice.queryset = granting.grantable(access).exclude(pk=role.pk).order_by("label")
        if not is_used:
            del self.fields["move_to"]
