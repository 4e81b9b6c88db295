"""A filtered list as a file. To take a list home is told in the activity log; reading it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from tenants import audit, tables
from tenants.access import Access
from tenants.lists import ListPage
from tenants.pages import tenant_page
from tenants.paging import in_chunks
from tenants.tables import Columns, Format

# A file has at most so many rows, the newest; narrow the list to get at others.
MOST_ROWS = 100_000


def export_page(page: ListPage, columns: Columns) -> Callable[..., HttpResponseBase]:
    """The view that sends a list home as it is filtered, as CSV or JSON Lines, as `format` of the
    POST says.

    Rows are read while they are sent. What was asked for is kept as `<name>.exported`.
    """

    @tenant_page("POST", needs=page.needs)
    def export(request: HttpRequest, access: Access) -> HttpResponseBase:
        kind = _format(request)
        with audit.atomic():
            told = {"format": kind, "filters": page.kept(request.GET)}
            audit.record(access, f"{page.name}.exported", changes=told)
        _, rows = page.narrowed(access, request.GET)
        chunks = in_chunks(rows, order="-created_at", limit=MOST_ROWS)
        file = _file(access, page.name, kind)
        return StreamingHttpResponse(
            tables.lines(kind, columns, (row for chunk in chunks for row in chunk)),
            content_type=f"{tables.CONTENT_TYPES[kind]}; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{file}"'},
        )

    return export


def _format(request: HttpRequest) -> Format:
    kind = request.POST.get("format", "")
    if kind not in tables.CONTENT_TYPES:
        raise BadRequest("A list is exported as “csv” or as “json”.")
    return cast("Format", kind)


def _file(access: Access, name: str, kind: Format) -> str:
    today = timezone.localtime().date()
    return f"{access.tenant.slug}-{name}-{today.isoformat()}.{tables.ENDINGS[kind]}"
