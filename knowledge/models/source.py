"""A place that knowledge comes from, and who it is shared with."""

from __future__ import annotations

from typing import ClassVar, Self

from django.db import models
from django.db.models import Count, Q, Sum
from django.db.models.functions import Coalesce

from tenants.capabilities import denials
from tenants.models import RoleGrant, Shareable, UserGrant
from tenants.rules import Shared


class SourceQuerySet(models.QuerySet["Source"]):
    def matching(self, words: str) -> Self:
        """Those with the words in their name or description."""
        return self.filter(Q(name__icontains=words) | Q(description__icontains=words))

    def with_counts(self) -> Self:
        """Annotate `document_count`, `passage_count`, `unfinished_count` and `failed_count`."""
        waiting = Q(documents__status__in=["queued", "extracting", "indexing"])
        return self.annotate(
            document_count=Count("documents"),
            passage_count=Coalesce(Sum("documents__chunk_count"), 0),
            unfinished_count=Count("documents", filter=waiting),
            failed_count=Count("documents", filter=Q(documents__status="failed")),
        )


class Source(Shareable):
    """Documents that belong together and are shared together."""

    class Kind(models.TextChoices):
        UPLOAD = "upload", "Uploaded files"
        TEXT = "text", "Typed text"

    access_rule = Shared("knowledge")

    kind = models.CharField(max_length=20, choices=Kind.choices, default=Kind.UPLOAD)
    description = models.TextField(max_length=2000, blank=True)

    unscoped: ClassVar[models.Manager[Source]] = models.Manager.from_queryset(SourceQuerySet)()

    class Meta(Shareable.Meta):
        permissions = [
            ("upload_source", "Can upload documents to source"),
            ("manage_source", "Can delete and share source"),
            *denials("knowledge", "source"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "name"],
                name="source_name",
                violation_error_code="name",
                violation_error_message="Another source has this name.",
            )
        ]
        indexes = [models.Index(fields=["tenant", "-created_at", "-id"], name="source_by_time")]

    def get_absolute_url(self) -> str:
        return self.page_url("knowledge:source-detail")


class SourceUserGrant(UserGrant):
    """One action on one source, granted to one person."""

    content_object = models.ForeignKey(Source, models.CASCADE)


class SourceRoleGrant(RoleGrant):
    """One action on one source, granted to one role."""

    content_object = models.ForeignKey(Source, models.CASCADE)
