"""Who changed what, when: rows that are only ever added, each chained to the one before."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from tenants.audit_rule import ActivityLog
from tenants.models.base import TenantOwned
from tenants.rules import Capability


class AuditEvent(TenantOwned):
    """One change by one actor.

    Facts, not links: what an event says stays what it was when persons, keys and objects go. So
    `actor` and `key_id` have no constraint, and may lead nowhere.
    """

    access_rule = ActivityLog("view_audit")

    # The chain sets it: later than that of the event before.
    created_at = models.DateTimeField(editable=False)
    updated_at = None  # type: ignore[assignment]  # it never is
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.DO_NOTHING,
        null=True,
        related_name="+",
        db_constraint=False,
    )
    actor_label = models.CharField(max_length=320)
    key_id = models.UUIDField(null=True)
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=60, blank=True)
    object_label = models.CharField(max_length=300, blank=True)
    # The agent, persona, tool or source that it is about, itself or by what belongs to it.
    about_type = models.CharField(max_length=60, blank=True)
    about_id = models.UUIDField(null=True)
    is_restricted = models.BooleanField(default=False, help_text="That object was, then.")
    changes = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    address = models.CharField(max_length=45, blank=True)
    number = models.PositiveBigIntegerField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="audit_number")]
        indexes = [
            models.Index(fields=["tenant", "-created_at", "-id"], name="audit_by_time"),
            models.Index(fields=["tenant", "object_type", "object_id"], name="audit_by_object"),
            models.Index(fields=["tenant", "about_id"], name="audit_by_shared"),
            models.Index(fields=["tenant", "actor", "-created_at"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.object_label}"

    def get_absolute_url(self) -> str:
        return self.page_url("tenants:event-detail")


class AuditHead(TenantOwned):
    """Where a tenant's chain of events ends: what the next event takes hold of and follows."""

    access_rule = Capability("view_audit")

    number = models.PositiveBigIntegerField(default=0)
    hash = models.CharField(max_length=64, blank=True)
    written_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant"], name="one_audit_head")]

    def __str__(self) -> str:
        return f"{self.tenant} at {self.number}"
