"""What comes out of a tool: data that the model, the trace and the page read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

OUTPUT_LIMIT = 16_000


class ToolFailed(Exception):
    """The tool could not do it; `code` is stable, the message is for the model and for people."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class SentRequest:
    """The request as it went out, without its secret."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""

    @property
    def text(self) -> str:
        """As it is written down: the line, the headers, the body."""
        lines = [f"{self.method} {self.url}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        return "\n".join([*lines, "", self.body] if self.body else lines)


@dataclass(frozen=True, slots=True)
class ToolResult:
    """`ok` is False for every failure, and `error` says why. Nothing here holds a secret.

    `output_text` is cut to OUTPUT_LIMIT characters with a note; `output_json` is there when the
    answer was JSON and whole.
    """

    ok: bool
    output_text: str = ""
    output_json: Any = None
    error: str = ""
    error_code: str = ""
    status_code: int | None = None
    duration_ms: int = 0
    request: SentRequest | None = None

    @property
    def text_for_model(self) -> str:
        """What the model is told."""
        parts = [f"Error: {self.error}" if self.error else "", self.output_text]
        return "\n\n".join(filter(None, parts)) or "Done; there was no output."


def cut(text: str) -> str:
    """The text within the limit, with a note where something is missing."""
    if len(text) <= OUTPUT_LIMIT:
        return text
    return (
        f"{text[:OUTPUT_LIMIT]}\n\n[Cut: the first {OUTPUT_LIMIT:,} of {len(text):,} characters.]"
    )
