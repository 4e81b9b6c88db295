"""Forms of the agent pages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.html import escape

from agents import fallback_forms
from agents.comparison import LIMIT_LABELS
from agents.models import DEFAULT_MODEL, STATUS_LABELS, Agent, AgentQuerySet
from knowledge.models import Source
from personas.models import Persona
from tenants.access import Access, no_rows
from tenants.distinct import distinct_values
from tenants.forms import AtOnce, EditForm, Filters
from tenants.merging import Values
from tenants.offering import OfferedField, Offering
from tools.models import Tool

LIMITS = tuple(LIMIT_LABELS)
VALUE = "value_"
MODELS_TO_CHOOSE = 200


class AgentForm(Offering, EditForm[Agent]):
    """The whole draft: identity, model, persona with its values, tools, sources and limits."""

    tools = OfferedField(no_rows(Tool), required=False)
    sources = OfferedField(no_rows(Source), required=False)

    class Meta:
        model = Agent
        fields = ("name", "slug", "description", "provider", "model", "persona", *LIMITS)
        widgets = {"description": forms.Textarea(attrs={"rows": 2})}
        labels = {name: LIMIT_LABELS[name] for name in LIMITS}

    def __init__(
        self,
        *args: Any,
        access: Access,
        persona: str | None = None,
        unsaved: QueryDict | None = None,
        **kwargs: Any,
    ) -> None:
        """`persona` is the id of one that is being tried on, before anything is saved; `unsaved` is
        the form as it was sent from the page, to be drawn again as it stands."""
        super().__init__(*args, access=access, **kwargs)
        self._describe_choices()
        self._fill_from_draft()
        if unsaved is not None:
            self.fill_from_page(unsaved)
        self.offer_rows(unsaved)
        fallback_forms.add_rows(self, self.instance.fallbacks, access)
        if persona is not None:
            self.initial["persona"] = persona
        self.persona_shown = self._persona_shown()
        self._add_value_fields()

    # ── What the template draws ───────────────────────────────────────────────────────────────

    @property
    def limit_fields(self) -> list[BoundField]:
        return [self[name] for name in LIMITS]

    @property
    def fallback_rows(self) -> list[tuple[int, BoundField, BoundField]]:
        return fallback_forms.rows(self)

    @property
    def value_fields(self) -> list[BoundField]:
        """A field for each variable of the persona that is chosen."""
        return [self[name] for name in self.fields if name.startswith(VALUE)]

    # ── What it takes ─────────────────────────────────────────────────────────────────────────

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.keeps_persona and not cleaned.get("persona"):
            cleaned["persona"] = self._persona_saved
        if not cleaned.get("model"):
            provider = cleaned.get("provider")
            cleaned["model"] = provider.default_model if provider else DEFAULT_MODEL
        return cleaned

    def draft(self) -> dict[str, Any]:
        """What was filled in, by the names that the services take."""
        values = {
            name.removeprefix(VALUE): self.cleaned_data.pop(name)
            for name in list(self.cleaned_data)
            if name.startswith(VALUE)
        }
        filled = {name: text for name, text in values.items() if text}
        if self.keeps_persona and self.cleaned_data["persona"] == self._persona_saved:
            filled = self._values_saved
        fallbacks = fallback_forms.taken(self, self.cleaned_data)
        return {**self.cleaned_data, "persona_values": filled, "fallbacks": fallbacks}

    # ── For a merge: a persona and its values go together, and so do the fallbacks ────────────

    def part_of(self, name: str) -> str:
        if fallback_forms.is_row(name):
            return fallback_forms.PART
        return "persona" if name.startswith(VALUE) else super().part_of(name)

    def saved(self) -> Values:
        kept = {} if self.keeps_persona else self._values_saved
        values = {VALUE + name: [text] for name, text in kept.items() if text}
        plain = super().saved().items()
        return {name: sent for name, sent in plain if not name.startswith(VALUE)} | values

    def label_of(self, part: str) -> str:
        is_fallback = part == fallback_forms.PART
        return "If it can’t answer" if is_fallback else super().label_of(part)

    def shown(self, part: str, values: Values) -> str:
        if part == fallback_forms.PART:
            return fallback_forms.told(self, values)
        told = super().shown(part, values)
        if part != "persona":
            return told
        given = sorted(name for name in values if name.startswith(VALUE) and any(values[name]))
        lines = [f"{name.removeprefix(VALUE)}: {values[name][0]}" for name in given]
        return "\n".join([told, *lines])

    # ── How it is made ────────────────────────────────────────────────────────────────────────

    def _describe_choices(self) -> None:
        provider = cast("forms.ModelChoiceField[Any]", self.fields["provider"])
        provider.empty_label, provider.label = "Organisation’s default, or Roster demo", "Provider"
        self.fields["model"].help_text = (
            "Empty: the provider’s usual one. Without a provider, “default” is the organisation’s"
            " default, and “demo” is Roster demo, which is built in and free."
        )
        persona = cast("forms.ModelChoiceField[Any]", self.fields["persona"])
        # Another persona has other variables: their fields come without a reload.
        persona.widget.attrs |= {"hx-get": "", "hx-target": "#persona-values"}
        if self.instance._state.adding:
            self.fields["slug"].help_text = "How programs name the agent. Empty: made of the name."
        self.fields["slug"].required = self.fields["model"].required = False
        for name in ("provider", "persona"):
            choice = cast("forms.ModelChoiceField[Any]", self.fields[name])
            choice.queryset = cast("Any", choice.queryset).order_by("name")
        # Personas that are switched off stay where they are and are offered nowhere else.
        kept = Q(is_active=True) | Q(pk=self.instance.persona_id)
        persona.queryset = cast("Any", persona.queryset).filter(kept)
        # What this person can't see stays, as with tools and sources, unless they choose another.
        saved, offered = self.instance.persona_id, persona.queryset
        self.keeps_persona = saved is not None and not offered.filter(pk=saved).exists()
        self._persona_saved = self.instance.persona if self.keeps_persona else None
        self._values_saved = self.instance.persona_values
        persona.empty_label = (
            "One that isn’t shared with you" if self.keeps_persona else "No persona"
        )

    def _fill_from_draft(self) -> None:
        agent = self.instance
        if not agent._state.adding:
            self.initial["tools"] = list(agent.tool_links.values_list("tool_id", flat=True))
            self.initial["sources"] = list(agent.source_links.values_list("source_id", flat=True))

    def _persona_shown(self) -> Persona | None:
        """The persona that this form has chosen, whether it was sent or is still the first."""
        choice = cast("forms.ModelChoiceField[Any]", self.fields["persona"])
        try:
            chosen = choice.clean(self["persona"].value())
        except ValidationError:
            return None
        return cast("Persona | None", chosen)

    def _add_value_fields(self) -> None:
        kept = self.instance.persona_values
        for variable in self.persona_shown.variables if self.persona_shown else []:
            self.fields[VALUE + variable["name"]] = forms.CharField(
                label=variable["name"],
                required=False,  # a draft may be incomplete; publishing asks
                initial=kept.get(variable["name"], ""),
                help_text=escape(" ".join(_about(variable))),  # drawn as HTML
                max_length=2000,
            )


class AgentFilters(Filters):
    """What a list of agents is narrowed by; a value outside the closed lists is ignored."""

    q = forms.CharField(required=False, label="Search", max_length=200)
    status = forms.ChoiceField(
        required=False, choices=[("", "Any status"), *STATUS_LABELS.items()], widget=AtOnce
    )
    model = forms.ChoiceField(required=False, widget=AtOnce)
    source = forms.ModelChoiceField(
        no_rows(Source), required=False, empty_label="Any knowledge", widget=AtOnce
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, access=access, **kwargs)
        models = distinct_values(access.visible(Agent), "model", limit=MODELS_TO_CHOOSE)
        choice = cast("forms.ChoiceField", self.fields["model"])
        choice.choices = [("", "Any model"), *((name, name) for name in models)]

    @property
    def visible_choices(self) -> list[BoundField]:
        return [self[name] for name in ("status", "model", "source")]

    def narrow(self, agents: AgentQuerySet) -> AgentQuerySet:
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("q"):
            agents = agents.matching(self.access, asked["q"])
        if asked.get("status"):
            agents = agents.in_status(asked["status"])
        if asked.get("model"):
            agents = agents.filter(model=asked["model"])
        if asked.get("source"):
            agents = agents.filter(source_links__source=asked["source"])
        return agents


class PublishForm(forms.Form):
    note = forms.CharField(
        required=False,
        max_length=300,
        help_text="What this version is about; it stands in the list of versions.",
    )


def _about(variable: dict[str, Any]) -> Iterator[str]:
    if variable.get("description"):
        yield variable["description"].rstrip(".") + "."
    if variable.get("default"):
        yield f"Empty: {variable['default']}."
    elif variable.get("required"):
        yield "Needed before publishing."
