"""The form that a tool's parameters make, to try it with."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.html import escape

from tools.form_fields import JsonField
from tools.snapshots import ToolSnapshot

_PREFIX = "arg-"
_BOOLEANS = [("", "Not given"), ("true", "true"), ("false", "false")]


class TryForm(forms.Form):
    """A field for each parameter, or all of them as JSON at once.

    It turns texts into values; whether they fit is decided where it is for a model, too.
    """

    json = JsonField(
        required=False,
        label="All arguments as JSON",
        help_text="Taken instead of the fields above.",
    )

    def __init__(self, data: Any = None, *, tool: ToolSnapshot) -> None:
        super().__init__(data, auto_id="try_%s")
        properties = tool.parameters.get("properties", {})
        self._names = [name for name, part in properties.items() if isinstance(part, dict)]
        for name in self._names:
            is_required = name in tool.parameters.get("required", [])
            self.fields[_PREFIX + name] = _field(name, properties[name], is_required)

    def argument_fields(self) -> Iterator[BoundField]:
        for name in self._names:
            yield self[_PREFIX + name]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("json") is not None:
            # Then nothing is asked of the fields.
            for name in self._names:
                self.errors.pop(_PREFIX + name, None)
        return cleaned

    def arguments(self) -> Any:
        """What is sent to the tool; what was left empty is not given."""
        whole = self.cleaned_data.get("json")
        if whole is not None:
            return whole
        given = ((name, self.cleaned_data.get(_PREFIX + name)) for name in self._names)
        return {name: value for name, value in given if value not in (None, "")}


def _field(name: str, schema: dict[str, Any], is_required: bool) -> forms.Field:
    kind = schema.get("type")
    options: dict[str, Any] = {
        "label": name,
        "required": is_required and "default" not in schema,
        "help_text": escape(str(schema.get("description", ""))[:300]),  # drawn as HTML
        "initial": schema.get("default"),
    }
    choices = schema.get("enum")
    if choices and all(isinstance(choice, str) for choice in choices):
        options["choices"] = [("", "Not given"), *((choice, choice) for choice in choices)]
        return forms.ChoiceField(**options)
    if kind == "boolean":
        options["initial"] = json.dumps(options["initial"]) if "default" in schema else ""
        return forms.TypedChoiceField(
            **options, choices=_BOOLEANS, coerce=lambda text: text == "true", empty_value=None
        )
    simple: dict[Any, type[forms.Field]] = {
        "string": forms.CharField,
        "integer": forms.IntegerField,
        "number": forms.FloatField,
    }
    return simple.get(str(kind), JsonField)(**options)
