"""A list of the portal, said once: its page, its file, its saved views and its bulk acts use it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from tenants.access import Access

if TYPE_CHECKING:
    from tenants.forms import Filters


@dataclass(frozen=True)
class ListPage:
    """`name` is the list's in addresses and in the log, `url_name` that of its page, `needs` the
    capability to open it. `rows` are all that a person may see, of which `filters` leave some."""

    name: str
    url_name: str
    filters: type[Filters]
    rows: Callable[[Access], QuerySet[Any]]
    needs: str = ""
    # The parameter with the object on whose page the list stands; empty for a page of its own.
    within: ClassVar[str] = ""

    def narrowed(self, access: Access, query: QueryDict) -> tuple[Any, Any]:
        """The filters as the query fills them, and the rows that they show."""
        filters = self.filters(query, access=access)
        return filters, filters.narrow(self.rows(access))

    def address(self, access: Access, query: Mapping[str, str]) -> str:
        """The page's, without the query, of which it is told `within`."""
        return reverse(self.url_name, args=[access.tenant.slug])
