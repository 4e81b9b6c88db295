"""The rows of an agent's form that say who is asked where its model can't answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from agents.models import MOST_FALLBACKS
from tenants.access import Access
from tenants.models import Provider

PROVIDER, MODEL = "fallback_provider_", "fallback_model_"
# The part of a merge that all rows are: their order is a part of what they say.
PART = f"{PROVIDER}1"
DEMO = "demo"


def add_rows(form: forms.BaseForm, kept: list[dict[str, Any]], access: Access) -> None:
    """A provider and a model for each place, filled with what the draft has."""
    accounts = list(access.visible(Provider).order_by("name"))
    choices = [("", "Nobody, or Roster demo"), *((str(one.pk), one.name) for one in accounts)]
    for at in range(MOST_FALLBACKS):
        had = kept[at] if at < len(kept) else {}
        form.fields[f"{PROVIDER}{at + 1}"] = forms.ChoiceField(
            label=f"{at + 1}. provider",
            choices=choices,
            required=False,
            initial=had.get("provider") or "",
        )
        form.fields[f"{MODEL}{at + 1}"] = forms.CharField(
            label=f"{at + 1}. model", max_length=120, required=False, initial=had.get("model", "")
        )
    form.usual_models = {str(one.pk): one.default_model for one in accounts}  # type: ignore[attr-defined]


def is_row(name: str) -> bool:
    """Whether an input belongs to these rows."""
    return name.startswith((PROVIDER, MODEL))


def rows(form: forms.BaseForm) -> list[tuple[int, BoundField, BoundField]]:
    """What the template draws: place, provider, model."""
    places = range(1, MOST_FALLBACKS + 1)
    return [(at, form[f"{PROVIDER}{at}"], form[f"{MODEL}{at}"]) for at in places]


def taken(form: forms.BaseForm, cleaned: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows that were filled in, as the service takes them; they leave the cleaned data."""
    found = []
    for at in range(1, MOST_FALLBACKS + 1):
        provider, model = cleaned.pop(f"{PROVIDER}{at}", ""), cleaned.pop(f"{MODEL}{at}", "")
        usual = form.usual_models.get(provider, "")  # type: ignore[attr-defined]
        if provider or model:
            found.append({"provider": provider or None, "model": model or usual or DEMO})
    return found


def told(form: forms.BaseForm, values: Mapping[str, list[str]]) -> str:
    """The rows of a merge as a person reads them."""
    names = dict(form[f"{PROVIDER}1"].field.choices)  # type: ignore[attr-defined]
    lines = []
    for at in range(1, MOST_FALLBACKS + 1):
        provider = "".join(values.get(f"{PROVIDER}{at}", []))
        model = "".join(values.get(f"{MODEL}{at}", []))
        if provider or model:
            name = names.get(provider, "one that you may not see") if provider else "Roster demo"
            lines.append(f"{name} · {model}")
    return "\n".join(lines)
