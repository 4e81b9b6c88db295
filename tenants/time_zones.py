"""The time zones that an organisation can choose."""

from __future__ import annotations

from functools import cache
from zoneinfo import available_timezones

# Beside UTC only zones named for a place: the others are aliases, and some never change with law.
_NO_PLACES = ("Etc/", "SystemV/", "US/", "posix/", "right/")


@cache
def names() -> tuple[str, ...]:
    """UTC first, then by name."""
    places = {
        name for name in available_timezones() if "/" in name and not name.startswith(_NO_PLACES)
    }
    return ("UTC", *sorted(places))
