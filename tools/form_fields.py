"""Fields for JSON and headers as people type them."""

from __future__ import annotations

import json
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.fields import InvalidJSONInput

from tools.parameters import EMPTY

CODE = {"data-kind": "code", "spellcheck": "false"}


class JsonField(forms.JSONField):
    """A value as JSON; one that nests without end is no value (Django would answer 500)."""

    widget = forms.Textarea(attrs={"rows": 3, **CODE})

    def prepare_value(self, value: Any) -> Any:
        return "" if value is None else super().prepare_value(value)

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except RecursionError as error:
            raise ValidationError("This nests too deep.") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        try:
            return super().bound_data(data, initial)
        except RecursionError:
            return InvalidJSONInput(data)


class SchemaField(JsonField):
    """A JSON Schema as indented text."""

    widget = forms.Textarea(attrs={"rows": 14, **CODE})

    def prepare_value(self, value: Any) -> str:
        if isinstance(value, str):  # what was sent and is not JSON comes back as it was
            return value
        return json.dumps(value or EMPTY, indent=2, ensure_ascii=False)


class HeadersField(forms.CharField):
    """Fixed headers, one in a line: `Name: value`."""

    widget = forms.Textarea(attrs={"rows": 3, **CODE})

    def to_python(self, value: Any) -> Any:
        lines = filter(str.strip, (super().to_python(value) or "").splitlines())
        return [self._header(line) for line in lines]

    def prepare_value(self, value: Any) -> Any:
        if isinstance(value, list):
            return "\n".join(f"{header['name']}: {header['value']}" for header in value)
        return value or ""

    def _header(self, line: str) -> dict[str, str]:
        name, colon, value = line.partition(":")
        if not colon:
            raise ValidationError(f"“{line[:60]}” has no colon: a line is “Name: value”.")
        return {"name": name.strip(), "value": value.strip()}
