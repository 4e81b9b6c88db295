"""Views of lists that people have saved: which there are, and what a list opens with.

A view keeps parameters of the list's address. Only those that the list knows are kept, and each
is checked by the list's filters whenever it is used, as if somebody had typed it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet
from django.http import Http404

from tenants.access import Access
from tenants.lists import ListPage
from tenants.models import DefaultView, SavedView

# The parameter that names the open view; empty for the list as it is.
OPEN = "view"
LABELS = {"q": "Words", "sort": "Order", "who": "Whose"}
MOST = 50
NO_SCOPE: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ViewedList:
    """A list with saved views, which keep the parameters of its filters, and the order."""

    page: ListPage

    def kept(self, query: Mapping[str, Any]) -> dict[str, str]:
        """What of an address a view keeps."""
        return self.page.kept(query)

    def told(self, query: Mapping[str, Any]) -> list[tuple[str, str]]:
        """What a view shows, for people: parameters and values; ids of rows are not spelled out."""
        return [
            (LABELS.get(name, name.capitalize()), _told(name, value))
            for name, value in self.kept(query).items()
        ]

    def address(
        self, access: Access, view: SavedView | None = None, scope: Mapping[str, str] = NO_SCOPE
    ) -> str:
        """The list's address, as the view has it, or as it is without any.

        `scope` names the object on whose page the list stands, where it does. Raises Http404.
        """
        return self.page.address(access, scope) + self.query(view)

    def query(self, view: SavedView | None = None) -> str:
        """What follows the page's address, from its question mark on."""
        kept = self.kept(view.query) | {OPEN: str(view.pk)} if view else {OPEN: ""}
        return f"?{urlencode(kept)}"


_lists: dict[str, ViewedList] = {}


def declare(page: ListPage) -> ViewedList:
    """Called where the list's page is."""
    return _lists.setdefault(page.name, ViewedList(page))


def find(name: str) -> ViewedList:
    """The list of this name. Raises Http404."""
    if name not in _lists:
        raise Http404("There is no such list.")
    return _lists[name]


def _told(name: str, value: str) -> str:
    if name == "sort":
        return f"by {value.lstrip('-')}, {'falling' if value.startswith('-') else 'rising'}"
    try:
        UUID(value.rpartition(":")[2])
    except ValueError:
        return value
    return "as chosen"


def of(access: Access, listed: str) -> QuerySet[Any]:
    """One's own views of a list and those that are shared, by name, each with `is_default`."""
    defaults = DefaultView.unscoped.filter(view=OuterRef("pk"), user=access.user.pk)
    views = access.visible(SavedView).filter(listed=listed).annotate(is_default=Exists(defaults))
    return views.order_by("is_shared", "name", "pk")[:MOST]
