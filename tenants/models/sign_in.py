"""An organisation's own way of signing in."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models

from tenants.models.base import TenantForeignKey, TenantOwned
from tenants.models.credentials import Secret
from tenants.models.names import NameField
from tenants.models.people import Role
from tenants.rules import Capability

GOOGLE = "https://accounts.google.com"


class SignInProvider(TenantOwned):
    """A service that tells who somebody is, as far as this one organisation believes it."""

    access_rule = Capability("manage_tenant")

    class Kind(models.TextChoices):
        OPENID = "openid", "OpenID Connect"
        GOOGLE = "google", "Google"
        GITHUB = "github", "GitHub"

    name = NameField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.OPENID)
    server_url = models.URLField("server", max_length=300, blank=True)
    client_id = models.CharField("client id", max_length=200)
    secret = TenantForeignKey(Secret, models.PROTECT, related_name="+", editable=False)
    domains = ArrayField(models.CharField(max_length=253), verbose_name="e-mail domains")
    role = TenantForeignKey(Role, models.PROTECT, related_name="+")
    is_enabled = models.BooleanField("enabled", default=True)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], name="sign_in_name",
                violation_error_code="name",
                violation_error_message="Another sign-in has this name.",
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.page_url("tenants:sign-in-edit")

    @property
    def server(self) -> str:
        """Where an OpenID Connect server is asked; empty for GitHub, which is none."""
        return {"google": GOOGLE, "github": ""}.get(self.kind, self.server_url)
