"""Bases of the API's shapes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, model_validator
from pydantic.config import JsonDict

from tenants.storable import is_storable


def refuse_unstorable(value: Any) -> Any:
    """Raise ValueError for text that PostgreSQL can't keep: NUL and lone surrogates."""
    if isinstance(value, str):
        if not is_storable(value):
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


_JOB: JsonDict = {
    "id": "0198f2a2-5c1e-7d40-8f3b-2b7d9c4e1a60",
    "kind": "knowledge.ingest",
    "title": "Read “Refund policy.pdf”",
    "status": "running",
    "done": 41,
    "total": 300,
    "unit": "pages",
    "cause": "",
    "cause_code": "",
    "attempt": 1,
    "subject_type": "knowledge.document",
    "subject_id": "0198f2a0-7a11-7d2b-8a44-0c9be1d2f3a4",
    "created_at": "2026-11-02T09:10:02Z",
    "started_at": "2026-11-02T09:10:02Z",
    "finished_at": None,
}


class JobOut(Out):
    """A piece of background work."""

    model_config = ConfigDict(json_schema_extra={"example": _JOB})

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
