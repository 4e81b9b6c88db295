"""Documents' files in the storage, under names that are made here."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

import structlog
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction

from tenants.ids import uuid7

log = structlog.get_logger(__name__)


def keep(tenant_id: UUID, file: File[bytes]) -> tuple[str, str]:
    """Store a file; its name in the storage and its SHA-256 in hex."""
    digest = hashlib.sha256()
    for piece in file.chunks():
        digest.update(piece)
    file.seek(0)
    name = f"tenants/{tenant_id}/documents/{uuid7()}"
    return default_storage.save(name, file), digest.hexdigest()


def remove(names: Sequence[str]) -> None:
    """Remove files; one that can't be removed is logged and stands in nobody's way."""
    for name in names:
        try:
            default_storage.delete(name)
        except OSError as error:
            log.warning("file.not_removed", name=name, error=str(error))


def remove_later(names: Sequence[str]) -> None:
    """Remove files when the transaction commits: a rollback keeps them."""
    if names:
        transaction.on_commit(lambda: remove(names))
