"""One question to an agent, from the input to the answer or to the cause of its failure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone

from agents.models import Agent, AgentVersion
from agents.runs.rules import OwnOrFromSeenSources
from personas.models import Persona
from tenants import compiled
from tenants.models import ApiKey, TenantForeignKey, TenantOwned

# A process tells this often that its runs are alive; after the longer time they are given up.
HEARTBEAT = timedelta(seconds=5)
LEASE = timedelta(seconds=30)


class AgentRunQuerySet(models.QuerySet["AgentRun"]):
    def matching(self, words: str) -> Self:
        """Those with the words in their question or in their agent's name."""
        return self.filter(Q(input__icontains=words) | Q(agent_name__icontains=words))

    def unfinished(self) -> Self:
        return self.filter(status__in=AgentRun.UNFINISHED)

    def abandoned(self) -> Self:
        """Running, as it is written, but no process has said so for a while."""
        return self.filter(status=AgentRun.Status.RUNNING, heartbeat_at__lt=timezone.now() - LEASE)


class AgentRun(TenantOwned):
    """Written when the run begins and when it ends; its steps and events are written in between."""

    access_rule = OwnOrFromSeenSources(
        "view_runs", owner="started_by", parent="agent", own="run_agents", change="manage_runs"
    )

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        COMPLETED = "completed"
        FAILED = "failed"
        CANCELLED = "cancelled"
        INTERRUPTED = "interrupted"

    class Origin(models.TextChoices):
        CONSOLE = "console", "Console"
        API = "api", "API"

    UNFINISHED: ClassVar[tuple[str, ...]] = (Status.QUEUED, Status.RUNNING)

    # The agent may be deleted later; what was asked, answered and paid stays.
    agent = TenantForeignKey(Agent, models.SET_NULL, null=True, related_name="runs")
    agent_name = models.CharField(max_length=120)
    version = TenantForeignKey(AgentVersion, models.SET_NULL, null=True, related_name="+")
    version_number = models.PositiveIntegerField(null=True)  # none: the draft
    draft = models.JSONField(null=True)  # the AgentSpec of a draft; a version keeps its own
    model = models.CharField(max_length=120)
    persona = TenantForeignKey(Persona, models.SET_NULL, null=True, related_name="+")
    persona_values = models.JSONField(default=dict)
    # Sources that passages came from; who may not see them all does not see the run.
    source_ids = ArrayField(models.UUIDField(), default=list)

    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    key = TenantForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    origin = models.CharField(max_length=12, choices=Origin.choices)
    conversation = models.UUIDField(null=True)

    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    cause = models.TextField(blank=True)
    cause_code = models.CharField(max_length=60, blank=True)
    input = models.TextField()
    output = models.TextField(blank=True)  # only ever a complete answer
    partial = models.TextField(blank=True)  # what there was of an answer that was cut off
    citations = models.JSONField(default=list)

    step_count = models.PositiveIntegerField(default=0)
    tool_call_count = models.PositiveIntegerField(default=0)
    input_tokens = models.PositiveIntegerField(default=0)
    output_tokens = models.PositiveIntegerField(default=0)
    cost = models.DecimalField(max_digits=18, decimal_places=9, null=True)  # none: no price known
    currency = models.CharField(max_length=3, default="USD")  # of the cost; two make it unknown
    first_token_ms = models.PositiveIntegerField(null=True)
    duration_ms = models.PositiveIntegerField(null=True)

    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    cancel_requested_at = models.DateTimeField(null=True)

    unscoped = AgentRunQuerySet.as_manager()  # type: ignore[misc]  # narrower than the base's

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="run_by_time"),
            models.Index(fields=["agent", "-created_at", "-id"], name="run_of_agent"),
            models.Index(fields=["started_by", "-created_at", "-id"], name="run_of_person"),
            models.Index(
                fields=["conversation", "created_at"],
                name="run_in_conversation",
                condition=Q(conversation__isnull=False),
            ),
            models.Index(
                fields=["heartbeat_at"], name="run_unfinished", condition=Q(status="running")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.agent_name}: {self.input[:60]}"

    def save(self, *, force_insert: Any = False, **kwargs: Any) -> None:
        """As ever; every run begins with a row, so the SQL of that is written once."""
        if force_insert and not kwargs:
            compiled.insert(self)
        else:
            super().save(force_insert=force_insert, **kwargs)

    @property
    def audit_label(self) -> str:
        """How the activity log names it, which is read by others than may read questions."""
        return f"Run of {self.agent_name}"

    def get_absolute_url(self) -> str:
        return self.page_url("runs:run-detail")

    @property
    def is_unfinished(self) -> bool:
        return self.status in self.UNFINISHED

    @property
    def is_draft(self) -> bool:
        return self.version_number is None
