"""A list of the portal, said once: its page, its file, its saved views and its bulk acts use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from tenants import alike
from tenants.access import Access
from tenants.paging import Asked, Listing, Order

if TYPE_CHECKING:
    from tenants.forms import Filters

LONGEST_VALUE = 300  # of a parameter that is kept


def _no_more(access: Access, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows


@dataclass(frozen=True)
class ListPage:
    """`name` is the list's in addresses and in the log, `url_name` that of its page, `needs` the
    capability to open it. `rows` are all that a person may see, of which `filters` leave some."""

    name: str
    url_name: str
    filters: type[Filters]
    rows: Callable[[Access], QuerySet[Any]]
    needs: str = ""
    # What the page tells of each row besides: annotations and relations.
    columns: Callable[[Access, Any], QuerySet[Any]] = _no_more
    # The parameter with the object on whose page the list stands; empty for a page of its own.
    within: ClassVar[str] = ""

    @property
    def parameters(self) -> tuple[str, ...]:
        """What of an address it knows."""
        return (*self.filters.base_fields, "sort")

    def kept(self, query: Mapping[str, Any]) -> dict[str, str]:
        """What of an address is kept: what the list knows, but for what no row could hold and so
        filters ignore."""
        asked = {name: str(query.get(name) or "")[:LONGEST_VALUE] for name in self.parameters}
        return {name: value for name, value in asked.items() if value and "\x00" not in value}

    def narrowed(self, access: Access, query: QueryDict) -> tuple[Any, Any]:
        """The filters as the query fills them, and the rows that they show."""
        filters = self.filters(query, access=access)
        return filters, filters.narrow(self.rows(access))

    def shown(self, access: Access, query: QueryDict) -> tuple[Any, Listing[Any]]:
        """The filters as the query fills them, and what the page shows."""
        filters = self.filters(query, access=access)
        if not self.within and not filters.is_narrowed:
            return filters, Whole(access, self)
        if self.within:
            filters, rows = self.narrowed(access, query)
        else:
            rows = filters.narrow(self.rows(access))
        return filters, Asked(self.columns(access, rows))

    def opened(self, access: Access) -> QuerySet[Any]:
        """The rows that it opens with, as `narrowed` leaves them where nothing is filled in."""
        rows: QuerySet[Any] = self.filters.opened(self.rows(access))
        return rows

    def told(self, access: Access) -> QuerySet[Any]:
        """The same with their columns."""
        return self.columns(access, self.opened(access))

    def address(self, access: Access, query: Mapping[str, str]) -> str:
        """The page's, without the query, of which it is told `within`."""
        return reverse(self.url_name, args=[access.tenant.slug])


@dataclass(frozen=True, slots=True)
class Whole:
    """A list as it opens, with nothing filled in: what most look at, and asked by SQL that is
    written once for all who are alike."""

    access: Access
    page: ListPage

    def all(self) -> QuerySet[Any]:
        return self.page.told(self.access)

    def first(self, order: Order, size: int) -> list[Any]:
        return alike.first_rows(self.access, self.page.told, order.names(), size)

    def count(self, most: int) -> int:
        return alike.count_all(self.access, self.page.opened, most)
