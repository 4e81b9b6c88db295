"""The base of every form about a tenant-owned row."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from django import forms
from django.http import QueryDict

from tenants.access import Access
from tenants.models import Shareable, Tenant, TenantOwned

STALE = (
    "Somebody saved this {} while you were editing it. Nothing is lost: where your text differs,"
    " what is saved now stands beside it. Save again to keep yours."
)

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


class VersionedForm(ModelForm[V]):
    """A form that remembers the version it was filled from.

    A save can't quietly undo a newer one: the form comes back with what is saved now beside what
    was written, and saving again is on purpose.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["version"] = self.instance.version

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        version = cleaned.pop("version", None)
        if not self.instance._state.adding and version not in (None, self.instance.version):
            self._tell_newer()
        return cleaned

    def _tell_newer(self) -> None:
        sent = cast("QueryDict", self.data).copy()
        sent["version"] = str(self.instance.version)
        self.data = sent
        self.add_error(None, STALE.format(self.instance._meta.verbose_name))
        for name in set(self._meta.fields or ()) & set(self.cleaned_data):
            saved = getattr(self.instance, name)
            if saved != self.cleaned_data[name]:
                is_row = isinstance(saved, TenantOwned)
                shown = saved if is_row else self.fields[name].prepare_value(saved)
                self.add_error(name, f"Saved now: {'nothing' if shown in (None, '') else shown}")


class ShareableForm(VersionedForm[S], TenantModelForm[S]):
    """A form about an object that people edit side by side."""


class AtOnce(forms.Select):
    """A choice that sends its form when it is made (static/js/app.js): for filters of lists."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({**(attrs or {}), "data-submits": True}, choices)
