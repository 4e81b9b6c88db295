"""Agents, what is assigned to them, and their published versions."""

from agents.models.agent import (
    DEFAULT_MODEL,
    DRAFT_FIELDS,
    MOST_FALLBACKS,
    STATUS_LABELS,
    Agent,
    AgentQuerySet,
    AgentRoleGrant,
    AgentStatus,
    AgentUserGrant,
)
from agents.models.assignment import AgentSource, AgentTool
from agents.models.version import AgentVersion

__all__ = [
    "DEFAULT_MODEL",
    "DRAFT_FIELDS",
    "MOST_FALLBACKS",
    "STATUS_LABELS",
    "Agent",
    "AgentQuerySet",
    "AgentRoleGrant",
    "AgentSource",
    "AgentStatus",
    "AgentTool",
    "AgentUserGrant",
    "AgentVersion",
]
