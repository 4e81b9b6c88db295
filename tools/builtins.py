"""The portal's own functions."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from django.utils import timezone

from tenants.access import Access
from tools.results import ToolFailed, ToolResult, cut


class Search(Protocol):
    """Knowledge search as the run engine gives it: passages as JSON-able mappings."""

    def __call__(self, query: str, limit: int) -> Sequence[Mapping[str, Any]]: ...


@dataclass(frozen=True, slots=True)
class ToolContext:
    """What a built-in needs of the run that it is called in."""

    search: Search | None = None


@dataclass(frozen=True, slots=True)
class Builtin:
    """What is fixed of a built-in: its parameters; name and description are suggestions."""

    name: str
    description: str
    parameters: dict[str, Any]


BUILTINS: dict[str, Builtin] = {
    "knowledge_search": Builtin(
        "Knowledge search",
        "Searches the organisation's documents and returns the passages that fit best, each with"
        " its document and page. Use it when the passages at hand don't answer the question.",
        {
            "type": "object",
            "properties": {
                "query": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 1000,
                    "description": "What to look for, in plain words.",
                },
                "limit": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": 20,
                    "default": 5,
                    "description": "How many passages at most.",
                },
            },
            "required": ["query"],
        },
    ),
    "current_time": Builtin(
        "Current time",
        "Returns the present date, time and weekday.",
        {
            "type": "object",
            "properties": {
                "time_zone": {
                    "type": "string",
                    "maxLength": 60,
                    "description": "An IANA time zone like Europe/Amsterdam. Without it: the"
                    " organisation's own.",
                }
            },
            "required": [],
        },
    ),
}


def run_builtin(
    access: Access, name: str, arguments: Mapping[str, Any], context: ToolContext
) -> ToolResult:
    """Raises ToolFailed."""
    if name == "knowledge_search":
        return _search(arguments, context)
    return _result(_current_time(access, arguments.get("time_zone", "")))


def _search(arguments: Mapping[str, Any], context: ToolContext) -> ToolResult:
    if context.search is None:
        message = "The knowledge search works inside an agent's run, on that agent's sources."
        raise ToolFailed("no_run", message)
    passages = context.search(arguments["query"], arguments["limit"])
    return _result({"passages": [dict(passage) for passage in passages]})


def _current_time(access: Access, zone: str) -> dict[str, str]:
    name = zone or access.tenant.time_zone
    try:
        now: datetime = timezone.localtime(timezone=ZoneInfo(name))
    except (KeyError, ValueError, OSError) as problem:
        raise ToolFailed("bad_arguments", f"There is no time zone {name!r}.") from problem
    return {
        "time": now.isoformat(timespec="seconds"),
        "weekday": now.strftime("%A"),
        "time_zone": name,
    }


def _result(output: Any) -> ToolResult:
    text = json.dumps(output, ensure_ascii=False, default=str)
    return ToolResult(ok=True, output_text=cut(text), output_json=json.loads(text))
