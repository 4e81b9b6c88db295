"""Guarding an edit against one that came between: who has read version 3 may change version 3."""

from __future__ import annotations

from django.db.models import Model


class VersionMoved(Exception):
    """The object was changed by somebody else since the version that the caller has read."""

    def __init__(self, row: Model) -> None:
        counted = getattr(row, "version", None)
        now = "." if counted is None else f"; it is now at version {counted}."
        super().__init__(f"{row} was changed meanwhile{now}")
        self.version = version_of(row) if counted is None else counted


def version_of(row: Model) -> str:
    """What tells the row's present state from those before: its count of changes; where none is
    kept, the moment when it was last saved."""
    counted = getattr(row, "version", None)
    return str(row.updated_at.isoformat() if counted is None else counted)  # type: ignore[attr-defined]


def require_version(row: Model, expected: int | str | None) -> None:
    """Raise VersionMoved unless the locked row is at the expected version, where one is given."""
    if expected is not None and str(expected) != version_of(row):
        raise VersionMoved(row)


def from_if_match(header: str | None) -> int | None:
    """The version that an If-Match header (RFC 9110, 13.1.1) names; None for none and for `*`.

    One that is no number matches nothing.
    """
    if header is None or header.strip() == "*":
        return None
    text = header.strip().removeprefix("W/").strip('"')
    return int(text) if text.isdecimal() and len(text) < 10 else -1
