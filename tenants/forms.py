"""The base of every form about a tenant-owned row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import ModelChoiceIterator

from tenants import prepared
from tenants.access import Access
from tenants.merging import STALE, Merging, VersionInput
from tenants.models import Secret, Tenant, TenantOwned

M = TypeVar("M", bound=TenantOwned)
R = TypeVar("R")

if TYPE_CHECKING:
    from django.forms import ModelForm

    Choices = ModelChoiceIterator[Any]
else:
    Choices = ModelChoiceIterator

    class ModelForm(forms.ModelForm, Generic[M]):
        """Generic when it runs, too; Django's is so only for type checkers."""


class RowChoices(Choices):
    """As Django's, but read at once by a statement that is planned once: Django's opens a cursor
    of the database's, which takes three statements."""

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        if self.field.empty_label is not None:
            yield ("", self.field.empty_label)
        with prepared.queries():
            rows = list(self.queryset)
        yield from map(self.choice, rows)


def narrow_choices(form: forms.BaseForm, access: Access) -> None:
    """Let every choice of rows offer only what this principal may see."""
    for field in form.fields.values():
        if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
            model = field.queryset.model
            if issubclass(model, TenantOwned):
                field.iterator = RowChoices
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


V = TypeVar("V", bound=TenantOwned | Tenant)


class VersionedForm(Merging, ModelForm[V]):
    """A form that remembers the version it was filled from.

    A save can't quietly undo a newer one: where both differ, the form comes back as a page of
    choices between what is saved now and what was written.
    """

    version = forms.CharField(widget=VersionInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([self.version_field])  # drawn first, it asks for the choices of the rest
        if not self.instance._state.adding:
            self.begin_merging(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.met_newer(cleaned.pop("version", "")):
            self.add_error(None, STALE)
        return cleaned


class EditForm(VersionedForm[M], TenantModelForm[M]):
    """A form about a row that several people may edit at once."""

    def clean(self) -> dict[str, Any]:
        """With `expected_version`, so that the service refuses what comes in between."""
        cleaned = super().clean()
        if self.present_version:
            cleaned["expected_version"] = self.present_version
        return cleaned


class Filters(forms.Form):
    """What a list is narrowed by; a value outside the closed lists is ignored."""

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access
        narrow_choices(self, access)

    def narrow(self, rows: Any) -> Any:
        """The rows that were asked for."""
        return rows

    @staticmethod
    def opened(rows: Any) -> Any:
        """What `narrow` leaves where nothing is filled in: told apart, since it is the same for
        everybody and asks nothing of an access or the database."""
        return rows

    @property
    def is_narrowed(self) -> bool:
        self.is_valid()
        return any(self.cleaned_data.values())


def carried_out(form: forms.BaseForm, service: Callable[..., R]) -> R | None:
    """What the service made of a valid form's values; None where one of them found something
    wrong, which the form then tells."""
    if not form.is_valid():
        return None
    try:
        return service(**form.cleaned_data)
    except ValidationError as refusal:
        form.add_error(None, refusal)
        return None


def mark_of(secret: Secret | None) -> list[str]:
    """What another value of a secret changes, for `Merging.saved`: when this one was set."""
    return [(secret.replaced_at or secret.created_at).isoformat()] if secret else []


class AtOnce(forms.Select):
    """A choice that sends its form when it is made (static/js/app.js): for filters of lists."""

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Any = ()) -> None:
        super().__init__({**(attrs or {}), "data-submits": True}, choices)
