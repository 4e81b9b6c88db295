"""Tools: what agents can do beside talking."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from tenants.capabilities import denials
from tenants.models import RoleGrant, Secret, Shareable, TenantForeignKey, UserGrant
from tenants.rules import Shared

FUNCTION_NAME = r"^[a-z][a-z0-9_]{0,63}\Z"


class JsonText(models.TextField):  # type: ignore[type-arg]  # its two types are those of JSON
    """JSON that keeps the order of its keys, which `jsonb` forgets: a person typed it that way."""

    def from_db_value(self, value: str | None, *_: Any) -> Any:
        return None if value is None else json.loads(value)

    def to_python(self, value: Any) -> Any:
        return json.loads(value) if isinstance(value, str) else value

    def get_prep_value(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False)

    def deconstruct(self) -> Any:
        name, _, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs  # what migrations need to know


class ToolQuerySet(models.QuerySet["Tool"]):
    def matching(self, words: str) -> Self:
        """Those with the words in their names, description or address."""
        return self.filter(
            Q(name__icontains=words)
            | Q(slug__icontains=words)
            | Q(description__icontains=words)
            | Q(url_template__icontains=words)
        )


class Tool(Shareable):
    """An HTTP request that a model may fill in, or one of the portal's own functions."""

    access_rule = Shared("tools")

    class Kind(models.TextChoices):
        HTTP = "http", "HTTP request"
        BUILTIN = "builtin", "Built-in"

    class Builtin(models.TextChoices):
        KNOWLEDGE_SEARCH = "knowledge_search", "Knowledge search"
        CURRENT_TIME = "current_time", "Current time"

    class Method(models.TextChoices):
        GET = "GET", "GET"
        POST = "POST", "POST"
        PUT = "PUT", "PUT"
        PATCH = "PATCH", "PATCH"
        DELETE = "DELETE", "DELETE"

    class SendAs(models.TextChoices):
        QUERY = "query", "In the query"
        JSON = "json", "As a JSON body"
        FORM = "form", "As a form body"

    class Auth(models.TextChoices):
        NONE = "none", "None"
        BEARER = "bearer", "Bearer token"
        HEADER = "header", "A header of its own"
        BASIC = "basic", "User name and password"

    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.HTTP)
    slug = models.CharField(
        "function name",
        max_length=64,
        validators=[
            RegexValidator(
                FUNCTION_NAME, "Small letters, digits and underscores; it starts with a letter."
            )
        ],
        help_text="What the model calls it. Small letters, digits, underscores.",
    )
    description = models.TextField(
        max_length=1000,
        help_text="The model decides by this when to use it. Say what comes back, too.",
    )
    builtin = models.CharField("function", max_length=40, blank=True, choices=Builtin.choices)

    method = models.CharField(max_length=10, choices=Method.choices, default=Method.GET)
    url_template = models.CharField(
        "URL",
        max_length=2000,
        blank=True,
        help_text="Parameters in braces: https://api.example.com/orders/{order_id}",
    )
    send_as = models.CharField(
        "other arguments",
        max_length=10,
        choices=SendAs.choices,
        default=SendAs.QUERY,
        help_text="How arguments that aren't in the URL are sent.",
    )
    headers = models.JSONField(default=list, blank=True)  # [{"name", "value"}]
    parameters = JsonText(default=dict, blank=True)  # a JSON Schema of type object
    auth = models.CharField("authorisation", max_length=10, choices=Auth.choices, default=Auth.NONE)
    auth_header = models.CharField("header", max_length=100, blank=True)
    auth_username = models.CharField("user name", max_length=200, blank=True)
    secret = TenantForeignKey(
        Secret, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        "time limit",
        default=20,
        validators=[MinValueValidator(1), MaxValueValidator(120)],
        help_text="Seconds for the whole answer.",
    )

    unscoped: ClassVar[models.Manager[Tool]] = models.Manager.from_queryset(ToolQuerySet)()

    class Meta(Shareable.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="tool_name",
                violation_error_code="name",
                violation_error_message="Another tool has this name.",
            ),
            models.UniqueConstraint(
                fields=["tenant", "slug"],
                name="tool_slug",
                violation_error_code="slug",
                violation_error_message="Another tool has this function name.",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-updated_at", "-id"], name="tool_by_change"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="tool_by_creation"),
        ]
        permissions = [
            ("manage_tool", "Can delete and share tool"),
            *denials("tools", "tool"),
        ]

    def get_absolute_url(self) -> str:
        return self.page_url("tools:tool-detail")

    @property
    def is_http(self) -> bool:
        return self.kind == self.Kind.HTTP


class ToolUserGrant(UserGrant):
    content_object = models.ForeignKey(Tool, models.CASCADE)


class ToolRoleGrant(RoleGrant):
    content_object = models.ForeignKey(Tool, models.CASCADE)
