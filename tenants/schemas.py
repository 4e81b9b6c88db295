"""Bases of the API's shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, model_validator


def refuse_unstorable(value: Any) -> Any:
    """Raise ValueError for text that PostgreSQL can't keep: NUL and lone surrogates."""
    if isinstance(value, str):
        if "\x00" in value or (
            not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value)
        ):
            raise ValueError("The text has a character that can't be stored.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            refuse_unstorable(key)
            refuse_unstorable(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            refuse_unstorable(inner)
    return value


class In(Schema):
    """What a caller sends to create something. Unknown fields are refused."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="after")
    def _storable(self) -> In:
        refuse_unstorable(self.__dict__)
        return self


class Changes(In):
    """What a caller sends to change something: only what changes (`exclude_unset`)."""


class Out(Schema):
    """What the API answers; fields are listed, never taken over whole."""


class ProblemOut(Out):
    """A problem document (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[dict[str, str]] | None = None
    users: list[dict[str, str]] | None = None


class JobOut(Out):
    """A piece of background work."""

    id: UUID
    kind: str
    title: str
    status: str
    done: int
    total: int
    unit: str
    cause: str
    cause_code: str
    attempt: int
    subject_type: str
    subject_id: UUID | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
