"""The API of the tool library."""

from __future__ import annotations

from typing import cast
from uuid import UUID

from django.db.models import QuerySet
from django.http import HttpResponse
from ninja import Query, Status

from tenants.api import ApiRequest, IfMatch, Problems, Router, created
from tenants.schemas import ProblemOut
from tenants.sharing_api import add_sharing
from tenants.versions import from_if_match
from tools import services
from tools.execution import ToolResult
from tools.models import Tool, ToolQuerySet
from tools.schemas import ToolChanges, ToolFilters, ToolIn, ToolOut, ToolTestIn, ToolTestOut

router = Router(tags=["tools"])
add_sharing(router, Tool, "tool_id")


@router.get("", response={200: list[ToolOut], **Problems}, summary="List tools")
def list_tools(request: ApiRequest, filters: Query[ToolFilters]) -> QuerySet[Tool]:
    """The tools that this key may see, newest first unless sorted otherwise."""
    tools = cast("ToolQuerySet", request.auth.visible(Tool))
    return filters.narrow(tools).select_related("secret")


@router.post("", response={201: ToolOut, **Problems}, summary="Create a tool")
def create_tool(request: ApiRequest, response: HttpResponse, payload: ToolIn) -> Status[Tool]:
    """A new tool. Its URL, its schema and its headers are checked; nothing is called."""
    request.auth.require("change_tools")
    tool = services.create_tool(request.auth, **payload.model_dump())
    created(response, f"/api/v1/tools/{tool.pk}")
    return Status(201, tool)


@router.get("/{uuid:tool_id}", response={200: ToolOut, **Problems}, summary="Read a tool")
def get_tool(request: ApiRequest, tool_id: UUID) -> Tool:
    """One tool, without its secret."""
    return request.auth.get(Tool, tool_id)


@router.patch(
    "/{uuid:tool_id}",
    response={200: ToolOut, **Problems, 412: ProblemOut},
    summary="Change a tool",
)
def update_tool(
    request: ApiRequest, tool_id: UUID, payload: ToolChanges, if_match: IfMatch = None
) -> Tool:
    """Change it. With `If-Match: "<version>"`, only if nobody else changed it since. A URL with
    another host needs the secret again. Published versions of agents keep the tool as it was."""
    tool = request.auth.get(Tool, tool_id, "change")
    changes = payload.model_dump(exclude_unset=True)
    return services.update_tool(
        request.auth, tool, expected_version=from_if_match(if_match), **changes
    )


@router.delete(
    "/{uuid:tool_id}",
    response={204: None, **Problems, 409: ProblemOut},
    summary="Delete a tool",
)
def delete_tool(request: ApiRequest, tool_id: UUID, force: bool = False) -> Status[None]:
    """Delete it with its secret. While agents use it: 409 that lists them; `?force=true` takes it
    from them."""
    tool = request.auth.get(Tool, tool_id, "manage")
    services.delete_tool(request.auth, tool, force=force)
    return Status(204, None)


@router.post(
    "/{uuid:tool_id}/test",
    response={200: ToolTestOut, **Problems},
    summary="Try a tool",
)
def try_tool(request: ApiRequest, tool_id: UUID, payload: ToolTestIn | None = None) -> ToolResult:
    """Really call the tool with these arguments. A call that fails is a 200 with `ok: false`."""
    tool = request.auth.get(Tool, tool_id, "change")
    return services.try_tool(request.auth, tool, payload.arguments if payload else {})
