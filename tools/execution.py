"""Running a tool: arguments are checked first, every failure is data.

The engine, the API's test and the page's “try it” all call `execute`.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import Any

from tenants.access import Access
from tools.builtins import ToolContext, run_builtin
from tools.http_calls import call_http
from tools.parameters import ArgumentError, checked_arguments
from tools.results import SentRequest, ToolFailed, ToolResult
from tools.snapshots import ToolSnapshot

__all__ = ["SentRequest", "ToolContext", "ToolResult", "execute"]

_NO_CONTEXT = ToolContext()


def execute(
    access: Access, tool: ToolSnapshot, arguments: Any, *, context: ToolContext = _NO_CONTEXT
) -> ToolResult:
    """Call the tool with these arguments. Not inside a transaction: it may wait on a network.

    It raises for nothing that a model, a person or a foreign server does.
    """
    started = monotonic()
    try:
        result = _run(access, tool, arguments, context)
    except ArgumentError as problem:
        result = ToolResult(ok=False, error=str(problem), error_code="bad_arguments")
    except ToolFailed as problem:
        result = ToolResult(ok=False, error=str(problem), error_code=problem.code)
    return replace(result, duration_ms=round((monotonic() - started) * 1000))


def _run(access: Access, tool: ToolSnapshot, arguments: Any, context: ToolContext) -> ToolResult:
    filled = checked_arguments(tool.parameters, arguments)
    if tool.kind == "builtin":
        return run_builtin(access, tool.builtin, filled, context)
    return call_http(access, tool, filled)
