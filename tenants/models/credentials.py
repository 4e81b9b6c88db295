"""What must not be read back: secrets, and the accounts that use them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from tenants.models.base import TenantForeignKey, TenantOwned
from tenants.models.names import NameField
from tenants.rules import Capability


class Secret(TenantOwned):
    """A sealed value. Other rows refer to it; nobody reads it back."""

    access_rule = Capability("manage_secrets")

    class HeldFor(models.TextChoices):
        PROVIDER = "provider", "Model providers"
        TOOL = "tool", "A tool"
        SIGN_IN = "sign_in", "Sign-in"

    name = NameField(max_length=120)
    held_for = models.CharField(
        max_length=20, choices=HeldFor.choices, default=HeldFor.PROVIDER, editable=False
    )
    # A tool's secret is that tool's alone, and for one origin: published agents refer to rows, so
    # what was typed for a new address must not reach those that still call the old one.
    holder = models.UUIDField(null=True, editable=False)
    origin = models.CharField(max_length=300, blank=True, editable=False)
    sealed = models.BinaryField(editable=False)
    key_id = models.CharField(max_length=40, editable=False)
    ends_in = models.CharField(max_length=4, blank=True, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )
    replaced_at = models.DateTimeField(null=True, editable=False)
    replaced_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"], condition=~Q(held_for="tool"), name="secret_name",
                violation_error_message="Another secret has this name.",
            ),
            models.UniqueConstraint(
                fields=["tenant", "holder", "origin"], condition=Q(held_for="tool"),
                name="secret_of_tool",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("tenants:secret-list", args=[self.tenant.slug])

    @property
    def is_of_a_tool(self) -> bool:
        """Whether one tool has it for itself, which is also where it is named and given up."""
        return self.held_for == self.HeldFor.TOOL


class Provider(TenantOwned):
    """The tenant's account at a model vendor. The platform's demo provider needs no row."""

    # Where each vendor's own servers are; a compatible server has an address of its own.
    ADDRESSES: ClassVar[dict[str, str]] = {
        "openai": "https://api.openai.com/v1",
        "anthropic": "https://api.anthropic.com",
        "gemini": "https://generativelanguage.googleapis.com",
    }

    access_rule = Capability("manage_providers", view="view_agents")

    class Kind(models.TextChoices):
        OPENAI = "openai", "OpenAI"
        ANTHROPIC = "anthropic", "Anthropic"
        GEMINI = "gemini", "Google Gemini"
        COMPATIBLE = "compatible", "OpenAI-compatible server"

    name = NameField(max_length=120)
    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.OPENAI)
    base_url = models.URLField(
        "base URL",
        max_length=500,
        help_text="Where the server is. Empty: the vendor's own address.",
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
        return self.page_url("tenants:provider-detail")


def _price(name: str, help_text: str, **options: Any) -> models.DecimalField[Any, Any]:
    return models.DecimalField(
        name, max_digits=12, decimal_places=6, validators=[MinValueValidator(0)],
        help_text=help_text, **options,
    )  # fmt: skip


class ModelPrice(TenantOwned):
    """What this tenant pays a provider for a model, where that is not the public price."""

    access_rule = Capability("manage_providers", view="view_agents")

    provider = TenantForeignKey(Provider, models.CASCADE, related_name="prices", editable=False)
    model = models.CharField(max_length=120, help_text="As the provider names it.")
    input_mtok = _price("input", "For a million tokens.")
    output_mtok = _price("output", "For a million tokens.")
    cached_input_mtok = _price(
        "input from the cache",
        "For a million tokens. Empty: as other input.",
        null=True,
        blank=True,
    )
    currency = models.CharField(
        max_length=3,
        default="USD",
        validators=[RegexValidator(r"^[A-Z]{3}\Z", "Three capital letters, as in USD or EUR.")],
    )

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "provider", "model"],
                name="price_of_model",
                violation_error_message="This model has a price of yours already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.model} at {self.provider}"

    def get_absolute_url(self) -> str:
        return self.provider.get_absolute_url()
