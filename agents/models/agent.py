"""The draft of an agent: the row that people edit."""

from __future__ import annotations

from typing import ClassVar, Literal, Self

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import BooleanField, Case, Exists, F, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from knowledge.models import Source
from personas.models import Persona
from tenants.access import Access
from tenants.capabilities import denials
from tenants.models import Provider, RoleGrant, Shareable, TenantForeignKey, UserGrant
from tenants.rules import Shared
from tools.models import Tool

AgentStatus = Literal["draft", "live", "draft_ahead"]
STATUS_LABELS: dict[AgentStatus, str] = {
    "draft": "Draft",
    "live": "Live",
    "draft_ahead": "Draft ahead",
}

# In the place of a model, and without a provider: whatever its organisation uses by default.
DEFAULT_MODEL = "default"
# Who is asked in its place, at most so many one after the other.
MOST_FALLBACKS = 3

# What the draft is made of; the fields that a save counts as a change of the agent.
DRAFT_FIELDS = (
    "name",
    "slug",
    "description",
    "provider",
    "model",
    "fallbacks",
    "persona",
    "persona_values",
    "max_steps",
    "max_tool_calls",
    "max_output_tokens",
    "timeout_seconds",
    "retrieve_k",
    "temperature",
)


def between(low: float, high: float) -> list[MinValueValidator | MaxValueValidator]:
    return [MinValueValidator(low), MaxValueValidator(high)]


class AgentQuerySet(models.QuerySet["Agent"]):
    def with_status(self) -> Self:
        """Tell live agents from those whose draft, persona or tools moved on since (`is_ahead`)."""
        newer_tool = Tool.unscoped.filter(
            agent_links__agent=OuterRef("pk"), updated_at__gt=OuterRef("published_at")
        )
        moved_on = (
            Q(changed_at__gt=F("published_at"))
            | Q(persona__updated_at__gt=F("published_at"))
            | Exists(newer_tool)
        )
        ahead = Case(
            When(moved_on, then=Value(True)), default=Value(False), output_field=BooleanField()
        )
        return self.annotate(is_ahead=ahead)

    def in_status(self, status: AgentStatus) -> Self:
        if status == "draft":
            return self.filter(published_version=None)
        published = self.exclude(published_version=None)
        return published.with_status().filter(is_ahead=status == "draft_ahead")

    def with_links(self, access: Access) -> Self:
        """The ids of what each agent uses, as far as the person may see it: `tool_ids`,
        `source_ids`, `seen_persona_id`. By subqueries: no join that multiplies rows, and none run
        for rows beyond the page."""
        tools = access.visible(Tool).filter(agent_links__agent=OuterRef("pk")).order_by("slug")
        sources = access.visible(Source).filter(agent_links__agent=OuterRef("pk")).order_by("name")
        personas = access.visible(Persona).filter(pk=OuterRef("persona"))
        # Whoever may see none at all gets the empty list too, where the subquery is left out.
        none = Value([], output_field=ArrayField(models.UUIDField()))
        return self.annotate(
            tool_ids=Coalesce(ArraySubquery(tools.values("pk")), none),
            source_ids=Coalesce(ArraySubquery(sources.values("pk")), none),
            seen_persona_id=Subquery(personas.values("pk")),
        )

    def matching(self, access: Access, words: str) -> Self:
        """Those with the words in their name, description or model, or in the name of a persona
        or a tool of theirs that the person may see."""
        tools = access.visible(Tool).filter(
            agent_links__agent=OuterRef("pk"), name__icontains=words
        )
        personas = access.visible(Persona).filter(pk=OuterRef("persona"), name__icontains=words)
        return self.filter(
            Q(name__icontains=words)
            | Q(description__icontains=words)
            | Q(model__icontains=words)
            | Exists(personas)
            | Exists(tools)
        )


class Agent(Shareable):
    """What an agent will be once published. Runs outside the console use the published version."""

    access_rule = Shared("agents")

    slug = models.SlugField(
        "identifier",
        max_length=64,
        help_text="How programs name the agent. Changing it breaks programs that use the old one.",
    )
    description = models.TextField(
        blank=True, max_length=500, help_text="What it is for, in a sentence or two."
    )
    provider = TenantForeignKey(
        Provider, models.PROTECT, null=True, blank=True, related_name="agents"
    )  # none: the organisation's default or the built-in Roster demo, as the model says
    model = models.CharField(max_length=120, default=DEFAULT_MODEL)
    # [{"provider": id or None, "model": name}]: who is asked, in this order, where the one before
    # can't answer. A provider that is gone is passed over.
    fallbacks = models.JSONField(default=list, blank=True)
    persona = TenantForeignKey(
        Persona, models.PROTECT, null=True, blank=True, related_name="agents"
    )
    persona_values = models.JSONField(default=dict, blank=True)

    max_steps = models.PositiveSmallIntegerField(
        default=8,
        validators=between(1, 50),
        help_text="Times that the model may be asked in a run.",
    )
    max_tool_calls = models.PositiveSmallIntegerField(
        default=8, validators=between(0, 100), help_text="Tools that a run may call, in all."
    )
    max_output_tokens = models.PositiveIntegerField(
        default=1024, validators=between(1, 128_000), help_text="The longest single answer."
    )
    timeout_seconds = models.PositiveSmallIntegerField(
        default=120, validators=between(1, 3600), help_text="After which a run is ended."
    )
    retrieve_k = models.PositiveSmallIntegerField(
        "passages",
        default=8,
        validators=between(1, 50),
        help_text="Passages of knowledge given to the model.",
    )
    temperature = models.FloatField(
        null=True,
        blank=True,
        validators=between(0, 2),
        help_text="0 is steady, 2 is wild. Empty: the model's own.",
    )

    changed_at = models.DateTimeField(default=timezone.now, editable=False)
    published_version = TenantForeignKey(
        "agents.AgentVersion", models.SET_NULL, null=True, editable=False, related_name="+"
    )
    published_at = models.DateTimeField(null=True, editable=False)
    is_ahead: bool  # annotated by with_status()

    unscoped: ClassVar[models.Manager[Agent]] = models.Manager.from_queryset(AgentQuerySet)()

    class Meta(Shareable.Meta):
        permissions = [
            ("run_agent", "Can run agent"),
            ("manage_agent", "Can manage agent"),
            *denials("agents", "agent"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="agent_name_in_tenant",
                violation_error_code="name",
                violation_error_message="Another agent has this name.",
            ),
            models.UniqueConstraint(
                fields=["tenant", "slug"],
                name="agent_slug_in_tenant",
                violation_error_code="slug",
                violation_error_message="Another agent has this identifier.",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "-changed_at", "-id"], name="agent_by_change"),
            models.Index(fields=["tenant", "-created_at", "-id"], name="agent_by_creation"),
            models.Index(fields=["tenant", "model"], name="agent_by_model"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.page_url("agents:agent-detail")

    @property
    def provider_label(self) -> str:
        """Who answers, in a word or two."""
        if self.provider is not None:
            return self.provider.name
        return "Organisation’s default" if self.model == DEFAULT_MODEL else "Roster demo"

    @property
    def status(self) -> AgentStatus:
        """One of STATUS_LABELS."""
        if self.published_version_id is None:
            return "draft"
        return "draft_ahead" if self.is_draft_ahead else "live"

    @property
    def is_draft_ahead(self) -> bool:
        """From with_status() where the queryset had it, else asked of the database."""
        if not hasattr(self, "is_ahead"):
            [marked] = AgentQuerySet(Agent).with_status().filter(pk=self.pk)
            self.is_ahead = bool(marked.is_ahead)
        return self.is_ahead


class AgentUserGrant(UserGrant):
    content_object = models.ForeignKey(Agent, models.CASCADE)


class AgentRoleGrant(RoleGrant):
    content_object = models.ForeignKey(Agent, models.CASCADE)
