"""Pages of the tool library."""

from __future__ import annotations

from functools import partial
from operator import attrgetter

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from tenants import bulk, usage
from tenants.access import Access
from tenants.bulk import Act, Listed
from tenants.downloads import export_page
from tenants.lists import ListPage
from tenants.pages import (
    form_status,
    object_page,
    paginate,
    render_page,
    submitted,
    tenant_page,
)
from tenants.views.saved_views import with_saved_views
from tools import reading, services
from tools.forms import BuiltinToolForm, HttpToolForm, ToolFilters, ToolForm
from tools.models import Tool
from tools.parameters import described
from tools.results import ToolResult
from tools.snapshots import snapshot
from tools.try_form import TryForm

SORTS = {"name": "name", "changed": "updated_at", "created": "created_at"}


LIST = ListPage("tools", "tools:tool-list", ToolFilters, lambda access: access.visible(Tool))


@tenant_page("GET")
@with_saved_views(LIST)
def tool_list(request: HttpRequest, access: Access) -> HttpResponse:
    filters, listing = LIST.shown(access, request.GET)
    page = paginate(request, listing, sorts=SORTS, default="-changed")
    context = {"access": access, "page": page, "filters": filters}
    return render_page(request, "tools/tool_list.html", context, partial="results")


COLUMNS = {
    "id": attrgetter("pk"),
    "name": attrgetter("name"),
    "slug": attrgetter("slug"),
    "kind": attrgetter("kind"),
    "description": attrgetter("description"),
    "restricted": attrgetter("is_restricted"),
    "changed_at": attrgetter("updated_at"),
    "created_at": attrgetter("created_at"),
}
tool_export = export_page(LIST, COLUMNS)
bulk.declare(
    Listed(
        page=LIST,
        model=Tool,
        noun="tool",
        nouns="tools",
        acts=(
            Act(
                "delete",
                "Delete",
                "trash",
                "Their secrets are deleted with them, for published agents, too. This can’t be "
                "undone.",
                "deleted",
                right="manage",
                do=partial(services.delete_tool, force=True),
                needs="manage_tools",
            ),
        ),
    )
)


@tenant_page("GET", "POST", needs="change_tools")
def tool_create(request: HttpRequest, access: Access) -> HttpResponse:
    return _create(request, access, HttpToolForm(**submitted(request), access=access))


@tenant_page("GET", "POST", needs="change_tools")
def builtin_create(request: HttpRequest, access: Access) -> HttpResponse:
    return _create(request, access, BuiltinToolForm(**submitted(request), access=access))


@object_page(Tool, "view", "GET")
def tool_detail(request: HttpRequest, access: Access, tool: Tool) -> HttpResponse:
    return _detail_page(request, access, tool, TryForm(tool=snapshot(tool)))


@object_page(Tool, "change", "GET", "POST")
def tool_edit(request: HttpRequest, access: Access, tool: Tool) -> HttpResponse:
    form_class = HttpToolForm if tool.is_http else BuiltinToolForm
    form = form_class(**submitted(request), instance=tool, access=access)
    if form.is_valid():
        saved = services.update_tool(access, tool, **form.cleaned_data)
        messages.success(request, f"{saved} was saved.")
        return redirect(saved)
    return _form_page(request, access, form)


@object_page(Tool, "change", "POST")
def tool_try(request: HttpRequest, access: Access, tool: Tool) -> HttpResponse:
    form = TryForm(request.POST, tool=snapshot(tool))
    result = None
    if form.is_valid():
        result = services.try_tool(access, tool, form.arguments())
    return _detail_page(request, access, tool, form, result)


@object_page(Tool, "manage", "POST")
def tool_delete(request: HttpRequest, access: Access, tool: Tool) -> HttpResponse:
    # The confirmation has named the agents that use it.
    services.delete_tool(access, tool, force=True)
    messages.success(request, f"{tool} was deleted.")
    return redirect("tools:tool-list", access.tenant.slug)


# ── Beneath ───────────────────────────────────────────────────────────────────────────────────


def _create(request: HttpRequest, access: Access, form: ToolForm) -> HttpResponse:
    if form.is_valid():
        kind = form.instance.kind
        tool = services.create_tool(access, kind=kind, **form.cleaned_data)
        messages.success(request, f"{tool} was created. Try it before an agent does.")
        return redirect(tool)
    return _form_page(request, access, form)


def _form_page(request: HttpRequest, access: Access, form: ToolForm) -> HttpResponse:
    tool = None if form.instance._state.adding else form.before
    is_http = isinstance(form, HttpToolForm)
    context = {"access": access, "form": form, "tool": tool, "is_http": is_http}
    return render_page(request, "tools/tool_form.html", context, status=form_status(form))


def _detail_page(
    request: HttpRequest,
    access: Access,
    tool: Tool,
    form: TryForm,
    result: ToolResult | None = None,
) -> HttpResponse:
    shown = snapshot(tool)
    context = {
        "access": access,
        "tool": reading.for_page(access, tool),
        "snapshot": shown,
        "parameters": described(shown.parameters),
        "form": form,
        "result": result,
        "users": usage.users_of(access, tool),
    }
    template = "tools/tool_detail.html"
    return render_page(request, template, context, partial="trial", status=form_status(form))
