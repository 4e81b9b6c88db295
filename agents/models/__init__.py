"""Agents, what is assigned to them, and their published versions."""

from agents.models.agent import Agent, AgentQuerySet, AgentRoleGrant, AgentUserGrant
from agents.models.assignment import AgentSource, AgentTool
from agents.models.version import AgentVersion

__all__ = [
    "Agent",
    "AgentQuerySet",
    "AgentRoleGrant",
    "AgentSource",
    "AgentTool",
    "AgentUserGrant",
    "AgentVersion",
]
