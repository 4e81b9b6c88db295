"""The platform's own provider: deterministic, offline, free. It is no language model; it quotes
what was retrieved and calls a tool when the question names what the tool does."""

from agents.runs.providers.demo.provider import DemoProvider

__all__ = ["DemoProvider"]
