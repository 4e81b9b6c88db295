"""Personas: who an agent is when it speaks."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from tenants.capabilities import denials
from tenants.models import RoleGrant, Shareable, UserGrant
from tenants.rules import Shared


class PersonaQuerySet(models.QuerySet["Persona"]):
    def matching(self, words: str) -> Self:
        """Those with the words in their name, role, tone or instructions."""
        return self.filter(
            Q(name__icontains=words)
            | Q(role__icontains=words)
            | Q(tone__icontains=words)
            | Q(instructions__icontains=words)
        )


class Persona(Shareable):
    """Name, role, tone and instructions, with variables that each agent fills in."""

    access_rule = Shared("personas")

    role = models.CharField(
        max_length=200, blank=True, help_text="What it is: “a patient billing clerk at Acme”."
    )
    tone = models.CharField(
        max_length=200, blank=True, help_text="How it speaks: “warm, brief, never ironic”."
    )
    instructions = models.TextField(
        max_length=20_000,
        blank=True,
        help_text="What it does and doesn't do. {{variable}} stands for a variable's value.",
    )
    # [{"name", "description", "default", "required"}], see personas.rendering.Variable.
    variables = models.JSONField(default=list, blank=True)
    is_active = models.BooleanField(
        "active", default=True, help_text="Offered to those who set up agents."
    )

    unscoped: ClassVar[models.Manager[Persona]] = models.Manager.from_queryset(PersonaQuerySet)()

    class Meta(Shareable.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="persona_name",
                violation_error_code="name",
                violation_error_message="Another persona has this name.",
            )
        ]
        indexes = [
            models.Index(fields=["tenant", "-updated_at", "-id"], name="persona_by_change"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="persona_by_creation"),
        ]
        permissions = [
            ("manage_persona", "Can delete and share persona"),
            *denials("personas", "persona"),
        ]

    def get_absolute_url(self) -> str:
        return self.page_url("personas:persona-detail")


class PersonaUserGrant(UserGrant):
    content_object = models.ForeignKey(Persona, models.CASCADE)


class PersonaRoleGrant(RoleGrant):
    content_object = models.ForeignKey(Persona, models.CASCADE)
