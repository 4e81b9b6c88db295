"""Guarding an edit against one that came between: who has read version 3 may change version 3."""

from __future__ import annotations

from typing import Protocol


class Versioned(Protocol):
    """A row whose version counts up with each change."""

    version: int


class VersionMoved(Exception):
    """The object was changed by somebody else since the version that the caller has read."""

    def __init__(self, row: Versioned) -> None:
        super().__init__(f"{row} was changed meanwhile; it is now at version {row.version}.")
        self.row = row


def require_version(row: Versioned, expected: int | None) -> None:
    """Raise VersionMoved unless the locked row is at the expected version, where one is given."""
    if expected not in (None, row.version):
        raise VersionMoved(row)


def from_if_match(header: str | None) -> int | None:
    """The version that an If-Match header (RFC 9110, 13.1.1) names; None for none and for `*`.

    One that is no number matches nothing.
    """
    if header is None or header.strip() == "*":
        return None
    text = header.strip().removeprefix("W/").strip('"')
    return int(text) if text.isdecimal() and len(text) < 10 else -1
