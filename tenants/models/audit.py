"""Who changed what, when: rows that are only ever added, each chained to the one before."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from tenants.models.base import TenantForeignKey, TenantOwned
from tenants.models.credentials import ApiKey
from tenants.rules import Capability


class AuditEvent(TenantOwned):
    """One change by one actor."""

    access_rule = Capability("view_audit")

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    actor_label = models.CharField(max_length=320)
    key = TenantForeignKey(ApiKey, models.SET_NULL, null=True, related_name="+")
    action = models.CharField(max_length=80)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=60, blank=True)
    object_label = models.CharField(max_length=300, blank=True)
    changes = models.JSONField(default=dict)
    request_id = models.CharField(max_length=64, blank=True)
    number = models.PositiveBigIntegerField()
    previous_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "number"], name="audit_number")]
        indexes = [
            models.Index(fields=["tenant", "object_type", "object_id"], name="audit_by_object")
        ]

    def __str__(self) -> str:
        return f"{self.actor_label} {self.action} {self.object_label}"
