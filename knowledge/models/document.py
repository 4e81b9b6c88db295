"""One file or text of a source, and the versions of it that were read."""

from __future__ import annotations

from django.db import models

from knowledge.models.source import Source
from tenants.models import Job, TenantForeignKey, TenantOwned
from tenants.models.names import NameField
from tenants.rules import Inherited

KINDS = {
    "application/pdf": "PDF",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "Word document",
    "text/html": "Web page",
    "text/markdown": "Markdown",
    "text/plain": "Plain text",
}


class Document(TenantOwned):
    """One file or text. Its passages are found once it is ready."""

    class Status(models.TextChoices):
        QUEUED = "queued"
        EXTRACTING = "extracting", "Reading"
        INDEXING = "indexing"
        READY = "ready"
        FAILED = "failed"

    UNFINISHED = (Status.QUEUED, Status.EXTRACTING, Status.INDEXING)

    access_rule = Inherited("source", add="upload")

    source = TenantForeignKey(Source, models.CASCADE, related_name="documents", db_index=False)
    name = NameField(max_length=255)
    # What the content was found to be; a declared type or an ending of the name is never trusted.
    media_type = models.CharField(max_length=100, blank=True)
    byte_size = models.PositiveBigIntegerField(default=0)
    content_hash = models.CharField("SHA-256", max_length=64, blank=True)
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.QUEUED)
    cause = models.TextField(blank=True)
    cause_code = models.CharField(max_length=60, blank=True)
    page_count = models.PositiveIntegerField(null=True)
    chunk_count = models.PositiveIntegerField(default=0)
    current_version = TenantForeignKey(
        "knowledge.DocumentVersion",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="+",
    )
    # The latest piece of background work on it.
    job = TenantForeignKey(Job, models.SET_NULL, null=True, editable=False, related_name="+")

    class Meta(TenantOwned.Meta):
        indexes = [
            models.Index(fields=["source", "-created_at", "-id"], name="document_by_time"),
            models.Index(fields=["source", "content_hash"], name="document_by_content"),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return self.page_url("knowledge:document-detail")

    @property
    def kind(self) -> str:
        """What it was found to be, as people say it; empty before it was read."""
        return KINDS.get(self.media_type, self.media_type)

    @property
    def is_unfinished(self) -> bool:
        """Whether it still waits to be read or is being read."""
        return self.status in self.UNFINISHED

    @property
    def newest_version(self) -> DocumentVersion | None:
        """The last file that was given for it, read or not."""
        return self.versions.order_by("-number").first()


class DocumentVersion(TenantOwned):
    """One file that a document was made from. Its file goes when a newer version is ready."""

    access_rule = Inherited("document")

    document = TenantForeignKey(Document, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(default=1)
    # A name made here; empty for a file that was too large to be kept.
    file = models.FileField(max_length=255, blank=True)
    file_hash = models.CharField("SHA-256", max_length=64, blank=True)
    byte_size = models.PositiveBigIntegerField(default=0)

    class Meta(TenantOwned.Meta):
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="document_version_number")
        ]

    def __str__(self) -> str:
        return f"{self.document} (version {self.number})"
