"""Forms of the knowledge pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from knowledge.models import Document, Source
from knowledge.models.source import SourceQuerySet
from knowledge.retrieval import LONGEST_QUERY
from tenants.access import Access, no_rows
from tenants.forms import AtOnce, EditForm, Filters, narrow_choices
from tenants.models.names import refuse_hidden

LONGEST_TEXT = 1_000_000


class SourceForm(EditForm[Source]):
    """A source's name, description and kind, and for those who may share it who reaches it."""

    class Meta:
        model = Source
        fields = ("name", "description", "kind", "is_restricted")
        widgets = {"description": forms.Textarea(attrs={"rows": 3}), "kind": forms.RadioSelect}
        help_texts = {
            "description": "What is in it. Those who set up agents choose sources by this.",
            "is_restricted": "Only the owners and those it is shared with find anything in it.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding:
            may_share = self.access.may("manage_knowledge")
        else:
            may_share = self.access.may_do(self.instance, "manage")
            del self.fields["kind"]  # what is in it was taken in that way
        if not may_share:
            del self.fields["is_restricted"]


class SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """One or more files; each is judged by what reads it, so an empty one is let in here."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=SeveralFiles, allow_empty_file=True, **kwargs)

    def clean(self, data: Any, initial: Any = None) -> list[UploadedFile[bytes]]:
        given = data if isinstance(data, list | tuple) else [data]
        one = super().clean
        return [one(file, initial) for file in given or [None]]


class UploadForm(forms.Form):
    """The files of the picker, under the name `files` (which as an attribute is the form's own)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        missing = {"required": "Choose a file first."}
        self.fields["files"] = FilesField(label="Files", error_messages=missing)


class ReplaceForm(forms.Form):
    file = forms.FileField(label="New file", allow_empty_file=True)


class TextForm(forms.Form):
    """A document that is typed in."""

    name = forms.CharField(max_length=255, label="Title", validators=[refuse_hidden])
    text = forms.CharField(
        max_length=LONGEST_TEXT,
        widget=forms.Textarea(attrs={"data-size": "tall", "rows": 18}),
        help_text="Markdown headings divide it into passages that say where they stand.",
    )


class SourceFilters(Filters):
    """What a list of sources is narrowed by; a value outside the closed lists is ignored."""

    q = forms.CharField(required=False, label="Search", max_length=200)
    kind = forms.ChoiceField(
        required=False, choices=[("", "Any kind"), *Source.Kind.choices], widget=AtOnce
    )

    def narrow(self, sources: SourceQuerySet) -> SourceQuerySet:
        self.is_valid()
        words, kind = self.cleaned_data.get("q"), self.cleaned_data.get("kind")
        if words:
            sources = sources.matching(words)
        return sources.filter(kind=kind) if kind else sources


class DocumentFilters(Filters):
    """What a source's documents are narrowed by."""

    q = forms.CharField(required=False, label="Search", max_length=200)
    status = forms.ChoiceField(
        required=False, choices=[("", "Any status"), *Document.Status.choices], widget=AtOnce
    )

    def narrow(self, documents: Any) -> Any:
        self.is_valid()
        words, status = self.cleaned_data.get("q"), self.cleaned_data.get("status")
        if words:
            documents = documents.filter(name__icontains=words)
        return documents.filter(status=status) if status else documents


class SearchForm(forms.Form):
    """A question put to the knowledge that a person may see."""

    q = forms.CharField(required=False, label="Question", max_length=LONGEST_QUERY)
    source = forms.ModelChoiceField(
        no_rows(Source), required=False, empty_label="All sources", widget=AtOnce
    )
    explain = forms.BooleanField(
        required=False, widget=forms.CheckboxInput(attrs={"data-submits": True})
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        narrow_choices(self, access)
