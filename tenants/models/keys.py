"""API keys, and how much of their allowance is spent."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone

from tenants.models.base import TenantForeignKey, TenantOwned
from tenants.models.names import NameField
from tenants.models.people import Membership
from tenants.rules import OwnKey


class ApiKey(TenantOwned):
    """A program's way in: a person's rights, narrowed by scopes. Only its hash is kept."""

    access_rule = OwnKey("manage_keys", owner="user", own="manage_keys")

    name = NameField(max_length=120)
    version = models.PositiveIntegerField(default=1, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    # The maker's place in the organisation, so that one query finds key and rights.
    membership = models.ForeignObject(
        Membership,
        models.DO_NOTHING,
        from_fields=["tenant", "user"],
        to_fields=["tenant", "user"],
        related_name="+",
    )
    # The key that made this one, which ends with it; none where its maker did so in person.
    made_with = TenantForeignKey[Self | None, Self | None](
        "self", models.SET_NULL, null=True, editable=False, related_name="made"
    )
    public_id = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField()
    scopes = ArrayField(models.CharField(max_length=40))
    agent_ids = ArrayField(models.UUIDField(), null=True)  # none: every agent
    networks = ArrayField(models.CharField(max_length=43), default=list)  # empty: every address
    # At most `rate_limit` requests in `rate_seconds`; none: the organisation's own limit.
    rate_limit = models.PositiveIntegerField(null=True)
    rate_seconds = models.PositiveIntegerField(default=60)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)
    # After a rotation the old secret goes on beside the new one for a while.
    rotated_at = models.DateTimeField(null=True)
    previous_digest = models.BinaryField(null=True)
    previous_ends_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    last_used_from = models.GenericIPAddressField(null=True)

    class Meta(TenantOwned.Meta):
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="key_by_time")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.page_url("tenants:key-detail")

    @property
    def is_alive(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.revoked_at is None and not _is_past(self.expires_at)

    @property
    def status(self) -> str:
        """Active, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if _is_past(self.expires_at) else "active"

    @property
    def why_ended(self) -> str:
        """For whoever asks why its work stopped; empty while it is alive."""
        if self.revoked_at is not None:
            return "The API key that asked for this was revoked."
        return "The API key that asked for this has expired." if _is_past(self.expires_at) else ""

    @property
    def is_rotating(self) -> bool:
        """Whether the secret from before the last rotation still works."""
        return self.previous_ends_at is not None and not _is_past(self.previous_ends_at)


def _is_past(moment: datetime | None) -> bool:
    return moment is not None and moment <= timezone.now()


class RateBucket(models.Model):
    """How many requests a key has made in its present window."""

    key = models.OneToOneField(ApiKey, models.CASCADE, primary_key=True, related_name="+")
    began_at = models.DateTimeField()
    spent = models.PositiveIntegerField()

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.spent} since {self.began_at}"
