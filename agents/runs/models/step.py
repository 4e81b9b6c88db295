"""What happened in a run, in order: steps of the engine, and calls of tools between them."""

from __future__ import annotations

from django.db import models

from agents.runs.models.run import AgentRun
from tenants.models import TenantForeignKey, TenantOwned
from tenants.rules import Inherited
from tools.models import Tool


class RunStep(TenantOwned):
    """One thing that the engine did. `input` and `output` are exactly what went in and came out."""

    access_rule = Inherited("run")

    class Kind(models.TextChoices):
        RETRIEVAL = "retrieval", "Retrieval"
        MODEL = "model", "Model call"

    run = TenantForeignKey(AgentRun, models.CASCADE, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField()  # counted together with the tool calls
    kind = models.CharField(max_length=12, choices=Kind.choices)
    name = models.CharField(max_length=120)
    summary = models.CharField(max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(default=1)
    input = models.JSONField(default=dict)
    output = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    error_code = models.CharField(max_length=60, blank=True)
    offset_ms = models.PositiveIntegerField()  # from the start of the run
    duration_ms = models.PositiveIntegerField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="step_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"


class ToolExecution(TenantOwned):
    """One call of a tool that the model asked for, made or refused."""

    access_rule = Inherited("run")

    run = TenantForeignKey(AgentRun, models.CASCADE, related_name="tool_calls", db_index=False)
    step = TenantForeignKey(RunStep, models.CASCADE, related_name="tool_calls")
    tool = TenantForeignKey(Tool, models.SET_NULL, null=True, related_name="+")
    position = models.PositiveSmallIntegerField()
    call_id = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    arguments = models.JSONField(default=dict)
    is_ok = models.BooleanField()
    output = models.TextField(blank=True)
    error = models.TextField(blank=True)
    status_code = models.PositiveSmallIntegerField(null=True)
    offset_ms = models.PositiveIntegerField()
    duration_ms = models.PositiveIntegerField()

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["run", "position"], name="tool_call_position"),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.name}"
