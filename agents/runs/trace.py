"""A run's steps and tool calls in the order in which they happened."""

from __future__ import annotations

from agents.runs.models import AgentRun, RunStep, ToolExecution


def of_run(run: AgentRun) -> list[RunStep | ToolExecution]:
    """Two queries, whatever the run did. The caller was given the run by its Access."""
    steps = RunStep.unscoped.filter(run_id=run.pk).select_related("usage")
    calls = ToolExecution.unscoped.filter(run_id=run.pk)
    return sorted([*steps, *calls], key=lambda row: row.position)
