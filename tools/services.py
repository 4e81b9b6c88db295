"""Verbs of the tool library: each one transaction, with its audit row."""

from __future__ import annotations

import re
from typing import Any, TypedDict, Unpack

from tenants import audit, usage
from tenants.access import Access
from tenants.models import Secret
from tenants.services import delete_secrets_of_tool, seal_for_tool
from tenants.versions import require_version
from tools.checking import check_tool
from tools.execution import ToolResult, execute
from tools.models import Tool
from tools.snapshots import snapshot
from tools.url_templates import origin_of


class ToolFields(TypedDict, total=False):
    """What a tool is made of; see the model. An empty slug is made of the name."""

    name: str
    slug: str
    description: str
    kind: str
    builtin: str
    method: str
    url_template: str
    send_as: str
    headers: list[dict[str, str]]
    parameters: dict[str, Any]
    auth: str
    auth_header: str
    auth_username: str
    timeout_seconds: int


@audit.atomic()
def create_tool(access: Access, *, secret: str = "", **fields: Unpack[ToolFields]) -> Tool:
    """A new tool; `secret` is sealed and never shown again.

    Raises ValidationError where a field is not right or a name is taken.
    """
    tool = Tool(tenant=access.tenant, created_by=access.user, **fields)
    tool.slug = tool.slug or free_slug(access, tool.name)
    check_tool(tool, secret)
    tool.full_clean()
    if secret:
        tool.secret = _sealed(access, tool, secret)
    access.add(tool)
    audit.record(access, "tool.created", tool, {"secret": "changed"} if secret else {})
    return tool


@audit.atomic()
def update_tool(
    access: Access,
    tool: Tool,
    *,
    secret: str = "",
    expected_version: int | None = None,
    **fields: Unpack[ToolFields],
) -> Tool:
    """Change it, and count the version up; without a difference nothing is saved.

    An empty `secret` keeps the old one. Raises VersionMoved when `expected_version` is no longer
    its version, and ValidationError: among others where the host changed and no secret is given.
    """
    before, tool = _locked(tool), _locked(tool)
    require_version(tool, expected_version)
    with audit.changing(access, tool, "tool.updated") as told:
        for name, value in fields.items():
            setattr(tool, name, value)
        tool.slug = tool.slug or free_slug(access, tool.name)
        check_tool(tool, secret, before)
        tool.full_clean()
        if tool.auth == Tool.Auth.NONE:
            tool.secret = None
        elif secret:
            tool.secret = _sealed(access, tool, secret)
        if secret or _values(tool) != _values(before):
            tool.version += 1
            tool.save()
        if secret:
            told |= {"secret": "changed"}
    return tool


@audit.atomic()
def delete_tool(access: Access, tool: Tool, *, force: bool = False) -> None:
    """Delete it with its secrets. Raises InUse while agents use it, or detaches with `force`."""
    tool = _locked(tool)
    usage.free(access, tool, force=force)
    audit.record(access, "tool.deleted", tool)
    pk = tool.pk
    tool.delete()
    delete_secrets_of_tool(access, pk)


def try_tool(access: Access, tool: Tool, arguments: Any) -> ToolResult:
    """Really call the tool, and note that it was. The call is outside the transaction."""
    result = execute(access, snapshot(tool), arguments)
    told = {"ok": result.ok, "status_code": result.status_code, "error_code": result.error_code}
    with audit.atomic():
        audit.record(access, "tool.tested", tool, told)
    return result


def free_slug(access: Access, name: str) -> str:
    """A function name made of the tool's name, that no other tool of the tenant has."""
    stem = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")[:58] or "tool"
    stem = stem if stem[0].isalpha() else f"tool_{stem}"[:58]
    known = Tool.unscoped.filter(tenant=access.tenant, slug__startswith=stem)
    taken = set(known.values_list("slug", flat=True))
    numbered = (f"{stem}_{number}" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(slug for slug in numbered if slug not in taken)


def _sealed(access: Access, tool: Tool, value: str) -> Secret:
    """The tool's secret for its present address, with this value."""
    return seal_for_tool(access, tool_id=tool.pk, origin=origin_of(tool.url_template), value=value)


def _values(tool: Tool) -> list[Any]:
    told = {"created_at", "updated_at", "version"}
    return [getattr(tool, f.attname) for f in tool._meta.concrete_fields if f.name not in told]


def _locked(tool: Tool) -> Tool:
    """The tool as it is now, which nobody else can change before this transaction ends."""
    rows = Tool.unscoped.select_for_update(of=("self",)).select_related("tenant", "secret")
    return rows.get(pk=tool.pk)
