"""Background work: the row is the truth, the queue is only the alarm clock."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from django.db import models

from tenants.models.base import TenantForeignKey, TenantOwned
from tenants.models.keys import ApiKey
from tenants.rules import ThroughSubject


class Job(TenantOwned):
    """One piece of background work that somebody asked for."""

    access_rule = ThroughSubject("jobs", owner="created_by")

    class Status(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    UNFINISHED: ClassVar[tuple[str, ...]] = (Status.QUEUED, Status.RUNNING)

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=300)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    payload = models.JSONField(default=dict)
    subject_type = models.CharField(max_length=60, blank=True)
    subject_id = models.UUIDField(null=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    # Whose rights it is done with: whoever asked for another try, else for it; and by which key.
    retried_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", db_index=False
    )
    key = TenantForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+", db_index=False)

    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    unit = models.CharField(max_length=30, blank=True)
    cause = models.TextField(blank=True)
    cause_code = models.CharField(max_length=60, blank=True)

    # Attempts since somebody last asked, and attempts ever: the second only grows, and fences.
    attempt = models.PositiveIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True)
    due_at = models.DateTimeField()
    is_cancel_requested = models.BooleanField(default=False)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="job_by_time"),
            models.Index(fields=["subject_type", "subject_id"], name="job_by_subject"),
            models.Index(
                fields=["due_at"],
                name="job_unfinished",
                condition=models.Q(status__in=["queued", "running"]),
            ),
            # For a worker that looks for more of what it has just done.
            models.Index(
                fields=["tenant", "kind", "due_at"],
                name="job_waiting",
                condition=models.Q(status="queued"),
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return self.page_url("tenants:job-detail")

    @property
    def is_unfinished(self) -> bool:
        """Whether it still waits or runs."""
        return self.status in self.UNFINISHED

    @property
    def percent(self) -> int | None:
        """How far it is, 0 to 100; None while that is unknown."""
        return min(100, self.done * 100 // self.total) if self.total else None
