"""Verbs of the registry: each one transaction, with its audit rows."""

from agents.services.assignments import assign, set_sources, set_tools, unassign
from agents.services.drafts import create_agent, delete_agent, update_agent
from agents.services.publication import publish_agent

__all__ = [
    "assign",
    "create_agent",
    "delete_agent",
    "publish_agent",
    "set_sources",
    "set_tools",
    "unassign",
    "update_agent",
]
