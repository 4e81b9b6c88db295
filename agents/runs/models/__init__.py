"""Runs of agents, what happened in them, and what they cost."""

from agents.runs.models.event import RunEvent
from agents.runs.models.run import AgentRun, AgentRunQuerySet
from agents.runs.models.step import RunStep, ToolExecution
from agents.runs.models.usage import UsageRecord

__all__ = [
    "AgentRun",
    "AgentRunQuerySet",
    "RunEvent",
    "RunStep",
    "ToolExecution",
    "UsageRecord",
]
