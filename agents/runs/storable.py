"""Text from models and servers, made fit for PostgreSQL: no NUL, no half characters."""

from __future__ import annotations

from typing import Any


def storable(value: Any) -> Any:
    """The JSON-able value with what can't be kept replaced by “�”."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, dict):
        return {storable(name): storable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [storable(inner) for inner in value]
    return value


def _text(text: str) -> str:
    if "\x00" in text:
        text = text.replace("\x00", "�")
    if text.isascii():
        return text
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
