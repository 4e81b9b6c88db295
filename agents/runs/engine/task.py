"""What a run is given, and the world that it acts on."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from agents.runs import rights
from agents.runs.models import AgentRun
from agents.runs.prompts import Turn
from agents.runs.providers.port import Provider
from agents.runs.routes import Route, route_for
from agents.runs.stopping import Stop
from agents.specs import AgentSpec, RouteSpec
from knowledge.retrieval import Retrieval, retrieve
from tenants.access import Access
from tools.execution import ToolContext, ToolResult, execute
from tools.snapshots import ToolSnapshot

__all__ = ["Ports", "Provider", "Route", "RunFailed", "Task", "require_rights"]


class RunFailed(Exception):
    """The run can't be completed; `code` is stable, the text is for people."""

    def __init__(self, code: str, cause: str) -> None:
        super().__init__(cause)
        self.code = code


class Retrieve(Protocol):
    def __call__(
        self, access: Access, query: str, *, source_ids: Collection[UUID] | None, limit: int
    ) -> Retrieval: ...


class Execute(Protocol):
    def __call__(
        self, access: Access, tool: ToolSnapshot, arguments: Any, *, context: ToolContext
    ) -> ToolResult: ...


@dataclass(frozen=True, slots=True)
class Ports:
    """Whatever waits on a network or another app; tests put fakes here."""

    route_for: Callable[[UUID, RouteSpec], Route] = route_for
    retrieve: Retrieve = retrieve
    execute: Execute = execute


@dataclass(frozen=True, slots=True)
class Task:
    """A run that is to be done now, in the name of `access`."""

    access: Access
    run: AgentRun
    spec: AgentSpec
    stop: Stop
    history: tuple[Turn, ...] = ()
    ports: Ports = field(default_factory=Ports)


def require_rights(task: Task) -> Access:
    """The rights of now of whoever asked. Raises RunFailed where they may not run the agent."""
    try:
        return rights.to_run(task.access, task.run)
    except rights.RightsEnded as ended:
        raise RunFailed(rights.ENDED_CODE, str(ended)) from ended
