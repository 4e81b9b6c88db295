"""A tool as a published agent keeps it."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from tools.builtins import BUILTINS
from tools.models import Tool


class Header(BaseModel):
    """A fixed header of a tool's request."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    value: str


class ToolSnapshot(BaseModel):
    """A tool at one version; later edits don't reach it. The secret is there by id only."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    tool_id: UUID
    version: int
    name: str
    slug: str
    description: str
    kind: Literal["http", "builtin"]
    builtin: Literal["", "knowledge_search", "current_time"] = ""
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = "GET"
    url_template: str = ""
    send_as: Literal["query", "json", "form"] = "query"
    headers: tuple[Header, ...] = ()
    parameters: dict[str, Any]
    auth: Literal["none", "bearer", "header", "basic"] = "none"
    auth_header: str = ""
    auth_username: str = ""
    secret_id: UUID | None = None
    timeout_seconds: int = 20


def snapshot(tool: Tool) -> ToolSnapshot:
    taken = {name: getattr(tool, name) for name in ToolSnapshot.model_fields if name != "tool_id"}
    if tool.builtin:
        taken["parameters"] = BUILTINS[tool.builtin].parameters
    return ToolSnapshot(tool_id=tool.pk, **taken)
