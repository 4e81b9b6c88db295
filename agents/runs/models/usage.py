"""What a model call used and cost, at the price of its day."""

from __future__ import annotations

from django.db import models

from agents.models import Agent
from agents.runs.models.run import AgentRun
from agents.runs.models.step import RunStep
from tenants.models import Provider, TenantForeignKey, TenantOwned
from tenants.rules import Inherited


class UsageRecord(TenantOwned):
    """Booked once for a model call: a step has at most one."""

    access_rule = Inherited("run")

    run = TenantForeignKey(AgentRun, models.CASCADE, related_name="usage")
    step = models.OneToOneField(RunStep, models.CASCADE, related_name="usage", db_constraint=False)
    agent = TenantForeignKey(Agent, models.SET_NULL, null=True, related_name="+")
    provider = TenantForeignKey(Provider, models.SET_NULL, null=True, related_name="+")
    provider_kind = models.CharField(max_length=20)
    model = models.CharField(max_length=120)
    input_tokens = models.PositiveIntegerField()
    cached_input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField()
    is_estimated = models.BooleanField(default=False)

    # The price that was booked, e.g. {"input_mtok": "0.25", "output_mtok": "2"}; {} is unknown.
    price = models.JSONField(default=dict)
    price_source = models.CharField(max_length=200, blank=True)
    cost = models.DecimalField(max_digits=18, decimal_places=9, null=True)
    currency = models.CharField(max_length=3, default="USD")

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "created_at"], name="usage_by_time")]

    def __str__(self) -> str:
        return f"{self.model}: {self.input_tokens} in, {self.output_tokens} out"
