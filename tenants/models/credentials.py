"""What must not be read back: secrets, API keys, and the accounts that use them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.urls import reverse

from tenants.models.base import TenantForeignKey, TenantOwned
from tenants.rules import Capability, OwnOr


class Secret(TenantOwned):
    """A sealed value. Other rows refer to it; nobody reads it back."""

    access_rule = Capability("manage_secrets")

    name = models.CharField(max_length=120)
    sealed = models.BinaryField(editable=False)
    key_id = models.CharField(max_length=40, editable=False)
    ends_in = models.CharField(max_length=4, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="secret_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tenants:secret-list", args=[self.tenant.slug])


class Provider(TenantOwned):
    """The tenant's account at a model vendor. The platform's demo provider needs no row."""

    access_rule = Capability("manage_providers", view="view_agents")

    class Kind(models.TextChoices):
        OPENAI = "openai", "OpenAI or compatible"

    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OPENAI)
    base_url = models.URLField(
        "base URL",
        max_length=500,
        default="https://api.openai.com/v1",
        help_text="Where the server's /chat/completions is found, without that part.",
    )
    secret = TenantForeignKey(
        Secret, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="API key"
    )
    default_model = models.CharField(max_length=120)

    class Meta(TenantOwned.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="provider_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tenants:provider-list", args=[self.tenant.slug])


class ApiKey(TenantOwned):
    """A program's way in: a person's rights, narrowed by scopes. Only its hash is kept."""

    access_rule = OwnOr("manage_keys", owner="user")

    name = models.CharField(max_length=120)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    public_id = models.CharField(max_length=16, unique=True)
    digest = models.BinaryField()
    scopes = ArrayField(models.CharField(max_length=40))
    agent_ids = ArrayField(models.UUIDField(), null=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta(TenantOwned.Meta):
        pass

    def __str__(self) -> str:
        return self.name
