"""What the list of jobs is narrowed by."""

from __future__ import annotations

from django import forms
from django.db.models import QuerySet

from tenants.forms import Filters
from tenants.models import Job


class JobFilters(Filters):
    """What a list of jobs is narrowed by; a value outside the closed lists is ignored."""

    q = forms.CharField(required=False, max_length=200)
    status = forms.ChoiceField(required=False, choices=Job.Status.choices)

    def narrow(self, rows: QuerySet[Job]) -> QuerySet[Job]:
        self.is_valid()
        if words := self.cleaned_data.get("q"):
            rows = rows.filter(title__icontains=words)
        status = self.cleaned_data.get("status")
        return rows.filter(status=status) if status else rows
