"""Forms of the tool pages."""

from __future__ import annotations

import copy
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError

from tenants.forms import AtOnce, EditForm, Filters, mark_of
from tenants.merging import Values
from tools.builtins import BUILTINS
from tools.checking import check_tool
from tools.form_fields import HeadersField, SchemaField
from tools.models import Tool, ToolQuerySet


class ToolForm(EditForm[Tool]):
    """What both kinds of tools have in common."""

    class Meta:
        model = Tool
        fields = ("name", "slug", "description")
        widgets = {"description": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.before = None if self.instance._state.adding else copy.copy(self.instance)
        self.fields["slug"].required = False

    def _get_validation_exclusions(self) -> set[str]:
        # Empty: the service makes one of the name.
        excluded = super()._get_validation_exclusions()
        return excluded if self.cleaned_data.get("slug") else excluded | {"slug"}

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook after clean()
        # Where a field could not be read at all, there is nothing to check it by.
        if not self.errors.keys() & {"parameters", "headers"}:
            self._check()

    def _check(self) -> None:
        try:
            check_tool(self.instance, self.cleaned_data.get("secret", ""), self.before)
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                for message in messages:
                    self.add_error(field if field in self.fields else None, message)


class HttpToolForm(ToolForm):
    """An HTTP request."""

    parameters = SchemaField(
        help_text="A JSON Schema of type object: what the model fills in. Describe each parameter."
    )
    headers = HeadersField(
        required=False, help_text="Fixed headers, one in a line: Accept: application/json"
    )
    secret = forms.CharField(
        required=False,
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off", "data-secret": ""}),
    )

    class Meta(ToolForm.Meta):
        fields = (  # type: ignore[assignment]  # more of them
            *ToolForm.Meta.fields,
            *("method", "url_template", "send_as", "parameters", "headers"),
            *("auth", "auth_header", "auth_username", "timeout_seconds"),
        )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["url_template"].required = True
        self.fields["secret"].help_text = self._about_secret()
        self.fields["auth_header"].help_text = "Like X-Api-Key."

    def saved(self) -> Values:
        return {**super().saved(), "secret": mark_of(self.instance.secret)}

    def _about_secret(self) -> str:
        secret = self.instance.secret
        if secret is None:
            return "It is sealed, sent with the request, and never shown again."
        end = f" It ends in …{secret.ends_in}." if secret.ends_in else ""
        return f"One is kept.{end} Leave this empty to keep it, or type a new one."


class BuiltinToolForm(ToolForm):
    """One of the portal's own functions."""

    class Meta(ToolForm.Meta):
        fields = ("builtin", *ToolForm.Meta.fields)  # type: ignore[assignment]  # one more

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.kind = Tool.Kind.BUILTIN
        builtin = cast("forms.ChoiceField", self.fields["builtin"])
        builtin.required = True
        builtin.choices = [("", "Choose one"), *Tool.Builtin.choices]
        self.fields["description"].required = False
        self.fields[
            "description"
        ].help_text = "When the model should use it. Empty: the function’s own description."

    def _get_validation_exclusions(self) -> set[str]:
        excluded = super()._get_validation_exclusions()
        return excluded if self.cleaned_data.get("description") else excluded | {"description"}

    @property
    def functions(self) -> list[tuple[str, str]]:
        """What there is to choose from, with what each does."""
        return [(builtin.name, builtin.description) for builtin in BUILTINS.values()]


class ToolFilters(Filters):
    """What a list of tools is narrowed by; a value outside the closed lists is ignored."""

    q = forms.CharField(required=False, label="Search", max_length=200)
    kind = forms.ChoiceField(
        required=False,
        choices=[("", "Any kind"), *Tool.Kind.choices],
        widget=AtOnce,
    )

    def narrow(self, tools: ToolQuerySet) -> ToolQuerySet:
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("q"):
            tools = tools.matching(asked["q"])
        if asked.get("kind"):
            tools = tools.filter(kind=asked["kind"])
        return tools
