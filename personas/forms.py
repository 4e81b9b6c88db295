"""Forms of the persona pages."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.http import QueryDict

from personas.checking import MAX_VARIABLES, check_persona
from personas.models import Persona, PersonaQuerySet
from personas.previewing import Preview, preview_draft
from personas.rendering import VARIABLE_NAME
from personas.services import PersonaFields
from tenants.forms import AtOnce, EditForm, Filters
from tenants.merging import BASE, Values, as_sent

TEXTS = ("name", "role", "tone", "instructions")
VARIABLES = "variables"
ROW_FIELDS = ("name", "description", "default", "required", "sample")


class VariableForm(forms.Form):
    """A row of the variables: what it is called, what it falls back to, a sample to try with."""

    name = forms.CharField(
        max_length=40,
        validators=[
            RegexValidator(
                VARIABLE_NAME, "Small letters, digits and underscores; it starts with a letter."
            )
        ],
    )
    description = forms.CharField(max_length=200, required=False)
    default = forms.CharField(max_length=2000, required=False)
    required = forms.BooleanField(required=False, label="Every agent has to give a value")
    sample = forms.CharField(max_length=2000, required=False, label="Try with")

    def declared(self) -> dict[str, Any]:
        """The variable, without the sample: that is for looking only."""
        return {name: value for name, value in self.cleaned_data.items() if name != "sample"}


VariableRows = forms.formset_factory(
    VariableForm, extra=0, max_num=MAX_VARIABLES, validate_max=True, absolute_max=MAX_VARIABLES + 1
)


class PersonaForm(EditForm[Persona]):
    """A persona with its variables as rows; `draft` fills it with what somebody is writing."""

    class Meta:
        model = Persona
        fields = (*TEXTS, "is_active")
        widgets = {"instructions": forms.Textarea(attrs={"rows": 14, "data-size": "tall"})}

    def __init__(
        self, data: QueryDict | None = None, *args: Any, draft: Draft | None = None, **kwargs: Any
    ) -> None:
        super().__init__(data, *args, **kwargs)
        self.before = list(self.instance.variables)  # cleaning changes the instance
        if draft is not None:
            self.initial.update(draft.values)
        rows = self.instance.variables if draft is None else draft.rows
        self.rows = VariableRows(data, prefix=VARIABLES, initial=rows)
        if draft is not None and draft.base:
            sent = draft.base
            self.keep_base(lambda: sent)
        if draft is not None and draft.has_new_row:
            self.rows[-1].fields["name"].widget.attrs["autofocus"] = True

    def is_valid(self) -> bool:
        # Both, so that everything wrong is told at once.
        return super().is_valid() and self.rows.is_valid()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.rows.is_valid():
            for problem in _row_problems(self.rows):
                self.add_error(None, problem)
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]  # Django's own hook after clean()
        if self.rows.is_valid():
            # An added row that was left empty is no variable.
            filled = [row for row in self.rows if row.cleaned_data.get("name")]
            self.instance.variables = [row.declared() for row in filled]
            self._check()

    # ── For a merge: the rows of variables are one thing ──────────────────────────────────────

    def part_of(self, name: str) -> str:
        return VARIABLES if name.startswith(f"{VARIABLES}-") else super().part_of(name)

    def label_of(self, part: str) -> str:
        return "Variables" if part == VARIABLES else super().label_of(part)

    def saved(self) -> Values:
        rows = VariableRows(prefix=VARIABLES, initial=self.before)
        drawn = [rows.management_form, *rows]
        sent = {bound.html_name: as_sent(bound) for form in drawn for bound in form}
        return {**super().saved(), **sent}

    def shown(self, part: str, values: Values) -> str:
        if part != VARIABLES:
            return super().shown(part, values)
        total = (values.get(f"{VARIABLES}-TOTAL_FORMS") or ["0"])[0]
        rows = range(min(int(total), MAX_VARIABLES) if re.fullmatch(r"[0-9]{1,4}", total) else 0)
        return "\n".join(filter(None, (_told(values, number) for number in rows)))

    def fields_for_service(self) -> PersonaFields:
        """What was filled in, by the names that the services take."""
        return cast("PersonaFields", {**self.cleaned_data, "variables": self.instance.variables})

    def preview(self) -> Preview:
        """The prompt that the form stands for, right or wrong."""
        texts = {name: str(self[name].value() or "") for name in TEXTS}
        rows = [
            {name: str(row[name].value() or "") for name in ("name", "default", "sample")}
            for row in self.rows
        ]
        return preview_draft(texts, rows)

    def _check(self) -> None:
        try:
            check_persona(self.instance)
        except ValidationError as error:
            for field, messages in error.message_dict.items():
                for message in messages:
                    self.add_error(field if field in self.fields else None, message)


class Draft:
    """A persona's form as it was sent from the page, unchecked, with its rows to work on."""

    def __init__(self, data: QueryDict) -> None:
        self.values: dict[str, Any] = {name: data.get(name, "") for name in TEXTS}
        self.values["is_active"] = "is_active" in data
        self.rows = [_row(data, number) for number in range(_count(data))]
        if "version" in data:
            self.values["version"] = data["version"]
        self.base = data.get(BASE, "")
        self.has_new_row = False

    def add_row(self) -> None:
        if len(self.rows) < MAX_VARIABLES:
            self.rows.append({})
            self.has_new_row = True

    def remove_row(self, number: int) -> None:
        """Without a complaint where there is no such row: the page was out of date."""
        self.rows = [row for place, row in enumerate(self.rows) if place != number]


class PersonaFilters(Filters):
    """What a list of personas is narrowed by; a value outside the closed lists is ignored."""

    q = forms.CharField(required=False, label="Search", max_length=200)
    active = forms.ChoiceField(
        required=False,
        label="State",
        choices=[("", "Any state"), ("yes", "Active"), ("no", "Inactive")],
        widget=AtOnce,
    )

    def narrow(self, personas: PersonaQuerySet) -> PersonaQuerySet:
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("q"):
            personas = personas.matching(asked["q"])
        if asked.get("active"):
            personas = personas.filter(is_active=asked["active"] == "yes")
        return personas


def _told(values: Values, number: int) -> str:
    """A row of variables in a line, without its sample."""
    row = {
        name: "".join(values.get(f"{VARIABLES}-{number}-{name}", []))
        for name in ROW_FIELDS
        if name != "sample"
    }
    if not row["name"]:
        return ""
    told = [row["description"], row["default"] and f"default “{row['default']}”"]
    told.append("required" if row["required"] else "")
    return ": ".join(filter(None, [row["name"], ", ".join(filter(None, told))]))


def _count(data: QueryDict) -> int:
    total = data.get("variables-TOTAL_FORMS", "")
    return min(int(total), MAX_VARIABLES) if re.fullmatch(r"\d{1,4}", total) else 0


def _row(data: QueryDict, number: int) -> dict[str, Any]:
    sent: Mapping[str, Any] = {
        name: data.get(f"variables-{number}-{name}", "") for name in ROW_FIELDS
    }
    return {**sent, "required": bool(sent["required"])}


def _row_problems(rows: Any) -> Sequence[str]:
    """What is wrong in the rows, for the summary on top of the form."""
    problems = [str(problem) for problem in rows.non_form_errors()]
    for number, row in enumerate(rows, 1):
        for name, errors in row.errors.items():
            problems += [f"Variable {number}, {name}: {error}" for error in errors]
    return problems
