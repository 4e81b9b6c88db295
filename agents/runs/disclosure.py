"""What of a run its reader may not read: the persona and the tools that are not shared with them.

What was deleted since may have been such a one, so to all but owners it is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from agents.runs.models import AgentRun
from personas.models import Persona
from tenants.access import Access
from tools.models import Tool


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What is closed to one reader of one run."""

    hides_persona: bool = False
    closed_tools: frozenset[str] = frozenset()
    # The configuration is gone, and with it the word on which tools were offered.
    hides_every_tool: bool = False

    def is_closed(self, tool: str) -> bool:
        """Whether a tool, by the name that the model calls it, is not shared with the reader."""
        return self.hides_every_tool or tool in self.closed_tools

    def of_event(self, kind: str, told: dict[str, Any]) -> dict[str, Any]:
        """An event's words without those of a closed tool."""
        if not kind.startswith("tool.") or not self.is_closed(str(told.get("tool"))):
            return told
        return {name: value for name, value in told.items() if name not in _OF_A_TOOL}


_OF_A_TOOL = {"arguments", "output", "error"}


def disclosure(access: Access, run: AgentRun) -> Disclosure:
    """What is closed to this reader; no query for owners, two at most for others."""
    if access.is_owner and access.may("view_tools") and access.may("view_personas"):
        return Disclosure()
    spec = _spec(run)
    if spec is None:
        return Disclosure(hides_persona=True, hides_every_tool=True)
    offered = {tool["slug"]: tool["tool_id"] for tool in spec["tools"]}
    return Disclosure(
        hides_persona=_had_persona(run, spec) and not _sees_persona(access, run),
        closed_tools=_closed(access, offered),
    )


def _spec(run: AgentRun) -> dict[str, Any] | None:
    """The AgentSpec that the run was made with, as it is kept."""
    if run.draft is not None:
        return dict(run.draft)
    return None if run.version is None else dict(run.version.spec)


def _had_persona(run: AgentRun, spec: dict[str, Any]) -> bool:
    return run.persona_id is not None or spec["persona"] is not None


def _sees_persona(access: Access, run: AgentRun) -> bool:
    persona = access.visible(Persona).filter(pk=run.persona_id) if run.persona_id else None
    return persona is not None and persona.exists()


def _closed(access: Access, offered: dict[str, str]) -> frozenset[str]:
    if not offered:
        return frozenset()
    rows = access.visible(Tool).filter(pk__in=offered.values())
    seen = {str(pk) for pk in rows.values_list("pk", flat=True)}
    return frozenset(slug for slug, pk in offered.items() if str(pk) not in seen)
