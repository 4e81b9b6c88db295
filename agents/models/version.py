"""What was published: an immutable snapshot of an agent's whole configuration."""

from typing import Any

from django.db import models
from django.urls import reverse

from agents.models.agent import Agent
from tenants.models import TenantForeignKey, TenantOwned, User
from tenants.rules import Inherited


class VersionIsImmutable(TypeError):
    """Someone tried to change a published version in place."""


class AgentVersion(TenantOwned):
    access_rule = Inherited("agent")

    agent = TenantForeignKey(Agent, models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    spec = models.JSONField(help_text="An AgentSpec (agents.specs); secrets only by their id.")
    note = models.CharField(max_length=300, blank=True)
    published_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["agent", "number"], name="agent_version_number"),
        ]

    def __str__(self) -> str:
        return f"{self.agent} v{self.number}"

    def get_absolute_url(self) -> str:
        return reverse("agents:version-detail", args=[self.tenant.slug, self.agent_id, self.number])

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise VersionIsImmutable("A published version never changes; publish a new one.")
        super().save(*args, **kwargs)
