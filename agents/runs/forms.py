"""Forms of the pages of runs."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField

from agents.models import Agent
from agents.runs import preparing
from agents.runs.models import AgentRun, AgentRunQuerySet
from tenants.access import Access, no_rows
from tenants.forms import AtOnce, Filters

STATUS_LABELS = {status.value: status.label for status in AgentRun.Status}


class QuestionForm(forms.Form):
    """A question in the console, to the published version or to the draft."""

    input = forms.CharField(
        label="Question",
        strip=True,
        widget=forms.Textarea(
            attrs={"rows": 1, "placeholder": "Ask something…", "data-composer": True}
        ),
    )
    which = forms.ChoiceField(label="Version", required=False)
    conversation = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, agent: Agent, may_change: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        question = self.fields["input"].widget
        question.attrs["placeholder"] = f"Ask {agent.name}…"
        self.versions = _versions(agent, may_change)
        cast("forms.ChoiceField", self.fields["which"]).choices = self.versions

    @property
    def is_askable(self) -> bool:
        """Whether there is a version that this person may run."""
        return bool(self.versions)

    def clean_input(self) -> str:
        try:
            return preparing.checked_input(self.cleaned_data["input"])
        except ValidationError as error:
            raise forms.ValidationError(error.messages) from error

    def clean_which(self) -> str:
        """The first choice where none was made."""
        if not self.versions:
            raise forms.ValidationError("This agent has not been published yet.")
        return str(self.cleaned_data["which"] or self.versions[0][0])


def _versions(agent: Agent, may_change: bool) -> list[tuple[str, str]]:
    found = []
    if agent.published_version is not None:
        found.append(("published", f"Published, v{agent.published_version.number}"))
    if may_change:
        found.append(("draft", "Draft"))
    return found


class RunFilters(Filters):
    """What a list of runs is narrowed by; a value outside the closed lists is ignored."""

    q = forms.CharField(required=False, label="Search", max_length=200)
    status = forms.ChoiceField(
        required=False, choices=[("", "Any status"), *STATUS_LABELS.items()], widget=AtOnce
    )
    agent = forms.ModelChoiceField(
        no_rows(Agent), required=False, empty_label="Any agent", widget=AtOnce
    )
    origin = forms.ChoiceField(
        required=False, choices=[("", "Any origin"), *AgentRun.Origin.choices], widget=AtOnce
    )
    who = forms.ChoiceField(
        required=False,
        label="Whose",
        choices=[("", "Everybody’s"), ("me", "Mine")],
        widget=AtOnce,
    )

    def __init__(
        self, *args: Any, access: Access, agent: Agent | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, access=access, **kwargs)
        if agent is not None:
            del self.fields["agent"]
        if not access.may("view_runs"):
            del self.fields["who"]

    @property
    def visible_choices(self) -> list[BoundField]:
        return [self[name] for name in self.fields if name != "q"]

    def narrow(self, runs: AgentRunQuerySet) -> AgentRunQuerySet:
        self.is_valid()
        asked = self.cleaned_data
        if asked.get("q"):
            runs = runs.matching(asked["q"])
        if asked.get("who"):
            runs = runs.filter(started_by=self.access.user.pk)
        equal = {name: asked[name] for name in ("status", "agent", "origin") if asked.get(name)}
        return runs.filter(**equal)
