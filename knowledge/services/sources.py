"""Keeping sources."""

from __future__ import annotations

from typing import Any, TypedDict

from django.core.exceptions import PermissionDenied

from knowledge import removal
from knowledge.models import Source, SourceUserGrant
from tenants import audit, usage
from tenants.access import Access
from tenants.versions import require_version


class SourceChanges(TypedDict, total=False):
    """What a source is made of."""

    name: str
    description: str
    is_restricted: bool


@audit.atomic()
def create_source(
    access: Access,
    *,
    name: str,
    description: str = "",
    kind: str = Source.Kind.UPLOAD,
    is_restricted: bool = False,
) -> Source:
    """A new, empty source. Raises ValidationError where a field is not right or a name is taken,
    and PermissionDenied where it is to be restricted by somebody who may not share.
    """
    if is_restricted:
        access.require("manage_knowledge")
    source = Source(
        tenant=access.tenant,
        name=name,
        description=description,
        kind=kind,
        is_restricted=is_restricted,
        created_by=access.user,
    )
    source.full_clean()
    access.add(source)
    _keep_reach(access, source)
    audit.record(access, "source.created", source, {"kind": [None, source.kind]})
    return source


@audit.atomic()
def update_source(
    access: Access, source: Source, *, expected_version: int | None = None, **fields: Any
) -> Source:
    """Rename it, describe it, restrict it or open it; without a difference nothing is saved.

    Raises ValidationError, VersionMoved when `expected_version` is no longer its version, and
    PermissionDenied when it is to be restricted or opened by somebody who may not share it.
    """
    source = _locked(source)
    require_version(source, expected_version)
    if fields.get("is_restricted", source.is_restricted) != source.is_restricted:
        _require_sharing(access, source)
    with audit.changing(access, source, "source.updated"):
        before = {name: getattr(source, name) for name in fields}
        for name, value in fields.items():
            setattr(source, name, value)
        source.full_clean()
        if before != fields:
            source.version += 1
            source.save()
            _keep_reach(access, source)
    return source


@audit.atomic()
def delete_source(access: Access, source: Source, *, force: bool = False) -> None:
    """Remove it with its documents, their passages and their files; work on them is cancelled.

    Raises InUse while agents answer from it, or takes it from them with `force`.
    """
    usage.free(access, source, force=force)
    audit.record(access, "source.deleted", source)
    removal.remove_source(source)


def _require_sharing(access: Access, source: Source) -> None:
    if not access.may_do(source, "manage"):
        raise PermissionDenied("Restricting and opening a source is for those who may share it.")


def _keep_reach(access: Access, source: Source) -> None:
    """Who restricts a source does not shut themselves out."""
    if source.is_restricted and not access.is_owner:
        SourceUserGrant.objects.assign_perm("manage_source", access.user, source)


def _locked(source: Source) -> Source:
    """The source as it is now, which nobody else can change before this transaction ends."""
    rows = Source.unscoped.select_for_update(of=("self",), no_key=True).select_related("tenant")
    return rows.get(pk=source.pk)
