"""Row ids: UUIDv7 (RFC 9562), so that ids sort by the time they were made."""

import uuid

import uuid_utils


def uuid7() -> uuid.UUID:
    """A new time-ordered id."""
    return uuid.UUID(bytes=uuid_utils.uuid7().bytes)
