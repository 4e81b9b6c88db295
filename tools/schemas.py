"""Shapes of the tools' API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema
from pydantic import ConfigDict

from tenants.schemas import Changes, In, Out
from tools.models import Tool, ToolQuerySet

Name = Annotated[str, Field(min_length=1, max_length=120)]
Slug = Annotated[
    str,
    Field(
        max_length=64,
        pattern=r"^([a-z][a-z0-9_]{0,63})?$",
        description="What the model calls it. Empty: made of the name.",
    ),
]
Description = Annotated[
    str, Field(max_length=1000, description="The model decides by this when to use it.")
]
Url = Annotated[
    str,
    Field(
        max_length=2000,
        description="Parameters stand in braces; they can fill path segments and query values.",
    ),
]
Parameters = Annotated[
    dict[str, Any], Field(description="A JSON Schema of type object. No references.")
]
SecretValue = Annotated[
    str,
    Field(
        max_length=1000,
        json_schema_extra={"writeOnly": True},
        description="Sealed, sent with the request, never given back. A new host needs it again.",
    ),
]
Timeout = Annotated[int, Field(ge=1, le=120)]
Kind = Literal["http", "builtin"]
Builtin = Literal["", "knowledge_search", "current_time"]
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
SendAs = Literal["query", "json", "form"]
Auth = Literal["none", "bearer", "header", "basic"]
Sort = Literal["created", "-created", "name", "-name", "changed", "-changed"]
ORDER: dict[str, str] = {"created": "created_at", "name": "name", "changed": "updated_at"}

_REQUEST: dict[str, Any] = {
    "name": "Order status",
    "slug": "order_status",
    "description": "Returns the status and the expected delivery day of an order.",
    "kind": "http",
    "method": "GET",
    "url_template": "https://api.example.com/orders/{order_id}",
    "send_as": "query",
    "headers": [{"name": "Accept", "value": "application/json"}],
    "parameters": {
        "type": "object",
        "properties": {"order_id": {"type": "string", "description": "Like A-1042."}},
        "required": ["order_id"],
    },
    "auth": "bearer",
    "timeout_seconds": 20,
}
_TOOL_IN: dict[str, Any] = {**_REQUEST, "secret": "sk-the-orders-service-key"}
_TOOL_OUT: dict[str, Any] = {
    **_REQUEST,
    "id": "0198f2a0-6f0e-7c3a-9d0e-3f1f5b1c7a10",
    "builtin": "",
    "auth_header": "",
    "auth_username": "",
    "has_secret": True,
    "secret_ends_in": "-key",
    "version": 3,
    "created_at": "2026-10-30T14:03:10Z",
    "updated_at": "2026-11-02T09:10:02Z",
}
_TEST_OUT: dict[str, Any] = {
    "ok": True,
    "output_text": '{"status": "shipped"}',
    "output_json": {"status": "shipped"},
    "error": "",
    "error_code": "",
    "status_code": 200,
    "duration_ms": 84,
    "request": {
        "method": "GET",
        "url": "https://api.example.com/orders/A-1042",
        "headers": {"Accept": "application/json", "Authorization": "Bearer •••"},
        "body": "",
    },
}


class HeaderIn(In):
    """A fixed header. Credentials go into `secret`."""

    name: str = Field(max_length=100)
    value: str = Field(max_length=1000)


class ToolIn(In):
    """A new tool: an HTTP request, or with `kind: builtin` one of Roster's own functions."""

    model_config = ConfigDict(json_schema_extra={"example": _TOOL_IN})

    name: Name
    slug: Slug = ""
    description: Description = ""
    kind: Kind = "http"
    builtin: Builtin = ""
    method: Method = "GET"
    url_template: Url = ""
    send_as: SendAs = "query"
    headers: list[HeaderIn] = Field([], max_length=20)
    parameters: Parameters = {}
    auth: Auth = "none"
    auth_header: str = Field("", max_length=100)
    auth_username: str = Field("", max_length=200)
    secret: SecretValue = ""
    timeout_seconds: Timeout = 20


class ToolChanges(Changes):
    """Only what changes. The kind of a tool stays; an empty secret keeps the old one."""

    model_config = ConfigDict(json_schema_extra={"example": {"timeout_seconds": 30}})

    name: Name = ""
    slug: Slug = ""
    description: Description = ""
    builtin: Builtin = ""
    method: Method = "GET"
    url_template: Url = ""
    send_as: SendAs = "query"
    headers: list[HeaderIn] = Field([], max_length=20)
    parameters: Parameters = {}
    auth: Auth = "none"
    auth_header: str = Field("", max_length=100)
    auth_username: str = Field("", max_length=200)
    secret: SecretValue = ""
    timeout_seconds: Timeout = 20


class HeaderOut(Out):
    name: str
    value: str


class ToolOut(Out):
    """A tool; of its secret only whether there is one, and how it ends."""

    model_config = ConfigDict(json_schema_extra={"example": _TOOL_OUT})

    id: UUID
    name: str
    slug: str
    description: str
    kind: Kind
    builtin: Builtin
    method: Method
    url_template: str
    send_as: SendAs
    headers: list[HeaderOut]
    parameters: dict[str, Any]
    auth: Auth
    auth_header: str
    auth_username: str
    has_secret: bool
    secret_ends_in: str
    timeout_seconds: int
    version: int
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_has_secret(tool: Tool) -> bool:
        return tool.secret_id is not None

    @staticmethod
    def resolve_secret_ends_in(tool: Tool) -> str:
        return tool.secret.ends_in if tool.secret else ""


class ToolTestIn(In):
    model_config = ConfigDict(json_schema_extra={"example": {"arguments": {"order_id": "A-1042"}}})

    arguments: dict[str, Any] = {}


class RequestOut(Out):
    """The request as it went out, without its secret."""

    method: str
    url: str
    headers: dict[str, str]
    body: str


class ToolTestOut(Out):
    """What came of the call. `ok` is false for every failure, and `error` says why."""

    model_config = ConfigDict(json_schema_extra={"example": _TEST_OUT})

    ok: bool
    output_text: str
    output_json: Any
    error: str
    error_code: str
    status_code: int | None
    duration_ms: int
    request: RequestOut | None


class ToolFilters(Schema):
    """Which tools to list, in which order."""

    q: str = Field("", max_length=200, description="Words in names, description or URL.")
    kind: Kind | None = None
    sort: Sort = "-created"

    def narrow(self, tools: ToolQuerySet) -> ToolQuerySet:
        if self.q:
            tools = tools.matching(self.q)
        if self.kind:
            tools = tools.filter(kind=self.kind)
        sign, name = ("-", self.sort[1:]) if self.sort[0] == "-" else ("", self.sort)
        return tools.order_by(f"{sign}{ORDER[name]}")
