"""The base of every form about a tenant-owned row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django import forms

from tenants.access import Access
from tenants.merging import STALE, Merging, VersionInput
from tenants.models import Shareable, Tenant, TenantOwned

M = TypeVar("M", bound=TenantOwned)

if TYPE_CHECKING:
    from django.forms import ModelForm
else:

    class ModelForm(forms.ModelForm, Generic[M]):
        """Generic when it runs, too; Django's is so only for type checkers."""


def narrow_choices(form: forms.BaseForm, access: Access) -> None:
    """Let every choice of rows offer only what this principal may see."""
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            model = field.queryset.model
            if issubclass(model, TenantOwned):
                field.queryset = access.visible(model)


class TenantModelForm(ModelForm[M]):
    """A model form that offers only visible rows and checks "unique in this tenant".

    Django leaves excluded fields out of the unique checks, so a clash inside the tenant would
    pass the form and end as a database error; hence `tenant` is put back into them.
    """

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        if self.instance._state.adding:
            self.instance.tenant = access.tenant
        narrow_choices(self, access)

    def _get_validation_exclusions(self) -> set[str]:
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded - {"tenant"}


S = TypeVar("S", bound=Shareable)
V = TypeVar("V", bound=Shareable | Tenant)


class VersionedForm(Merging, ModelForm[V]):
    """A form that remembers the version it was filled from.

    A save can't quietly undo a newer one: where both differ, the form comes back as a page of
    choices between what is saved now and what was written.
    """

    version = forms.IntegerField(widget=VersionInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version
        if not self.instance._state.adding:
            self.begin_merging()

    def saved_version(self) -> str:
        return str(self.instance.version)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        version = cleaned.pop("version", None)
        if not self.instance._state.adding and self.met_newer(version):
            self.add_error(None, STALE)
        return cleaned


class ShareableForm(VersionedForm[S], TenantModelForm[S]):
    """A form about an object that people edit side by side."""

    def clean(self) -> dict[str, Any]:
        """With `expected_version`, so that the service refuses what comes in between."""
        cleaned = super().clean()
        if not self.instance._state.adding:
            cleaned["expected_version"] = self.instance.version
        return cleaned


class AtOnce(forms.Select):
    """A choice that sends its form when it is made (static/js/app.js): for filters of lists."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({**(attrs or {}), "data-submits": True}, choices)
