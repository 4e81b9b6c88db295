"""Refusing to start: every problem at once, for a person, and exit status 2."""

import sys
from collections.abc import Iterable

STATUS = 2


def refuse(problems: Iterable[str]) -> None:
    """Print the problems, if there are any, and exit."""
    if lines := [f"  • {problem}" for problem in problems]:
        sys.stderr.write("\n".join(["Roster can't start:", *lines]) + "\n")
        sys.exit(STATUS)
