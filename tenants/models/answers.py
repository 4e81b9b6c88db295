"""Answers that are kept for a while, so that a request that is repeated gets the same one."""

from __future__ import annotations

from django.db import models

from tenants.models.base import TenantForeignKey, TenantOwned
from tenants.models.keys import ApiKey
from tenants.rules import Capability


class KeptAnswer(TenantOwned):
    """What an API key was answered under one Idempotency-Key. Its body is sealed."""

    access_rule = Capability("manage_keys")

    key = TenantForeignKey(ApiKey, models.CASCADE, related_name="+")
    name = models.CharField(max_length=255)
    fingerprint = models.BinaryField()  # SHA-256 of the request
    status = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    noted = models.JSONField(default=list)  # what had to be allowed for it: tenants.noting
    # For a stream, what tells it again, and of what; else empty.
    source = models.CharField(max_length=40, blank=True)
    sealed = models.BinaryField()
    sealed_by = models.CharField(max_length=40)  # the operator's key
    expires_at = models.DateTimeField(db_index=True)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["key", "name"], name="one_answer")]

    def __str__(self) -> str:
        return f"{self.status} for {self.name}"
