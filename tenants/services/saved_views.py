"""Saving views of lists, and choosing which one a list opens with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from tenants import audit, viewed_lists
from tenants.access import Access
from tenants.models import DefaultView, SavedView


@audit.atomic()
def create_view(
    access: Access, *, listed: str, name: str, query: Mapping[str, Any], is_shared: bool = False
) -> SavedView:
    """Keep a list's search, filters and order under a name.

    Raises Http404 for a list that has no views, PermissionDenied for one that is shared by
    somebody who may not share, and ValidationError where the name is taken or there are too many.
    """
    known = viewed_lists.find(listed)
    _require_sharing(access, is_shared)
    view = SavedView(tenant=access.tenant, user=access.user, listed=listed, name=name)
    view.query, view.is_shared = known.kept(query), is_shared
    mine = access.visible(SavedView).filter(listed=listed, user=access.user.pk)
    if mine.count() >= viewed_lists.MOST:
        raise ValidationError(f"At most {viewed_lists.MOST} views of a list. Delete one first.")
    view.full_clean()
    access.add(view)
    told = {"name": view.name, "query": view.query, "is_shared": is_shared}
    audit.record(access, "view.created", view, {field: [None, new] for field, new in told.items()})
    return view


@audit.atomic()
def update_view(
    access: Access,
    view: SavedView,
    *,
    name: str | None = None,
    query: Mapping[str, Any] | None = None,
    is_shared: bool | None = None,
) -> SavedView:
    """Rename a view, share it or no longer, or give it another query. Raises as `create_view`."""
    view = (
        SavedView.unscoped.select_for_update(of=("self",)).select_related("tenant").get(pk=view.pk)
    )
    if is_shared is not None and is_shared != view.is_shared:
        # Who no longer may share takes their own back all the same.
        _require_sharing(access, is_shared)
    with audit.changing(access, view, "view.updated"):
        view.name = view.name if name is None else name
        view.is_shared = view.is_shared if is_shared is None else is_shared
        if query is not None:
            view.query = viewed_lists.find(view.listed).kept(query)
        view.full_clean()
        view.save()
    if not view.is_shared:
        # It is nobody else's to open any more.
        DefaultView.unscoped.filter(view=view).exclude(user=view.user_id).delete()
    return view


@audit.atomic()
def delete_view(access: Access, view: SavedView) -> None:
    """Remove it; lists that opened with it open as they are."""
    audit.record(access, "view.deleted", view)
    view.delete()


@audit.atomic()
def open_with(access: Access, view: SavedView, *, is_default: bool) -> None:
    """Let the list open with this view for oneself, or no longer. Safe to repeat."""
    access.require_writable()
    mine = DefaultView.unscoped.filter(tenant=access.tenant, user=access.user, listed=view.listed)
    if mine.filter(view=view).exists() == is_default:
        return
    mine.delete()
    if is_default:
        access.add(DefaultView(user=access.user, listed=view.listed, view=view))
    audit.record(access, "view.default_changed", view, {"is_default": [not is_default, is_default]})


def _require_sharing(access: Access, is_shared: bool) -> None:
    if is_shared:
        access.require("manage_tenant")
