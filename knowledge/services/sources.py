"""Keeping sources."""

from __future__ import annotations

from django.db import transaction

from knowledge import removal
from knowledge.models import Source
from tenants import audit
from tenants.access import Access


@transaction.atomic
def create_source(
    access: Access,
    *,
    name: str,
    description: str = "",
    kind: str = Source.Kind.UPLOAD,
    is_restricted: bool = False,
) -> Source:
    """A new, empty source."""
    source = Source(
        name=name,
        description=description,
        kind=kind,
        is_restricted=is_restricted,
        created_by=access.user,
    )
    access.add(source)
    audit.record(access, "source.created", source, {"kind": [None, source.kind]})
    return source


def update_source(
    access: Access, source: Source, *, name: str, description: str, is_restricted: bool
) -> Source:
    """Rename it, describe it, restrict it or open it."""
    with audit.changing(access, source, "source.updated"):
        source.name, source.description = name, description
        source.is_restricted = is_restricted
        source.version += 1
        source.save()
    return source


@transaction.atomic
def delete_source(access: Access, source: Source) -> None:
    """Remove it with its documents, their passages and their files; work on them is cancelled."""
    audit.record(access, "source.deleted", source)
    removal.remove_source(source)
