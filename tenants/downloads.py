"""A filtered list as a file. To take a list home is told in the activity log; reading it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.core.exceptions import BadRequest
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from tenants import audit, tables
from tenants.access import Access
from tenants.pages import tenant_page
from tenants.paging import in_chunks
from tenants.tables import Columns, Format

# A file has at most so many rows, the newest; narrow the list to get at others.
MOST_ROWS = 100_000


def export_page(
    name: str,
    columns: Columns,
    rows: Callable[[HttpRequest, Access], QuerySet[Any]],
    *,
    needs: str = "",
) -> Callable[..., HttpResponseBase]:
    """The view that sends a list home as it is filtered; `rows` are those of the list's page."""

    @tenant_page("POST", needs=needs)
    def export(request: HttpRequest, access: Access) -> HttpResponseBase:
        return download(request, access, rows(request, access), columns, name=name)

    return export


def download(
    request: HttpRequest,
    access: Access,
    rows: QuerySet[Any],
    columns: Columns,
    *,
    name: str,
    order: str = "-created_at",
) -> StreamingHttpResponse:
    """The rows as CSV or JSON Lines, as `format` of the POST says. Raises BadRequest.

    Rows are read while they are sent. What was asked for is kept as `<name>.exported`.
    """
    kind = request.POST.get("format", "")
    if kind not in tables.CONTENT_TYPES:
        raise BadRequest("A list is exported as “csv” or as “json”.")
    kind = cast("Format", kind)
    with audit.atomic():
        told = {"format": kind, "filters": request.GET.dict()}
        audit.record(access, f"{name}.exported", changes=told)
    chunks = in_chunks(rows, order=order, limit=MOST_ROWS)
    lines = tables.lines(kind, columns, (row for chunk in chunks for row in chunk))
    return StreamingHttpResponse(
        lines,
        content_type=f"{tables.CONTENT_TYPES[kind]}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{_file(access, name, kind)}"'},
    )


def _file(access: Access, name: str, kind: Format) -> str:
    today = timezone.localtime().date()
    return f"{access.tenant.slug}-{name}-{today.isoformat()}.{tables.ENDINGS[kind]}"
