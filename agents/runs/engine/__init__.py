"""The run engine: from an immutable spec and a question to events, in one thread.

It knows nothing of HTTP. It writes steps, usage and events as they happen, each batch in a short
transaction of its own, and never waits on a network inside one. The page, the API and the worker
all drain the same iterator; whoever stops draining it leaves the run unfinished, so they don't
drain it themselves but let `performing` do so.
"""

from agents.runs.engine.answering import events
from agents.runs.engine.task import Ports, Route, RunFailed, Task

__all__ = ["Ports", "Route", "RunFailed", "Task", "events"]
