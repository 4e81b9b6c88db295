"""What a run told those who watch it, kept so that whoever lost the connection gets the rest."""

from __future__ import annotations

from django.db import models

from agents.runs.models.run import AgentRun
from tenants.models import TenantForeignKey, TenantOwned
from tenants.rules import Inherited


class RunEvent(TenantOwned):
    """One event, or several pieces of text that were kept together.

    `number` is the last of the numbers that the row stands for, `first` the first of them. Rows of
    pieces have `payload = {"pieces": [...]}`, one for each number.
    """

    access_rule = Inherited("run")

    run = TenantForeignKey(AgentRun, models.CASCADE, related_name="events", db_index=False)
    first = models.PositiveIntegerField()
    number = models.PositiveIntegerField()
    type = models.CharField(max_length=24)
    payload = models.JSONField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["run", "number"], name="run_event_number"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.type}"
