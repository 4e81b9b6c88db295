"""Children load their code while the database is still being made ready, and wait at a gate.

Loading takes each of them longer than anything else at a start. The gate is a pipe: who waits reads
until its other end is closed, by opening the gate or by the end of the process that holds it.
"""

import argparse
import os

OPTION = "--gate"


class Gate:
    """Closed at first; once open, it stays so for whoever comes later."""

    def __init__(self) -> None:
        self.inner, self._outer = os.pipe()

    @property
    def words(self) -> tuple[str, str]:
        """What a command, which inherits `inner`, is told."""
        return OPTION, str(self.inner)

    def open(self) -> None:
        """Let everybody through."""
        os.close(self._outer)


def add_option(parser: argparse.ArgumentParser) -> None:
    """For commands that a supervisor may hold back."""
    parser.add_argument(OPTION, type=int, help=argparse.SUPPRESS)


def wait(inner: int | None) -> None:
    """Wait until the gate is open, where there is one."""
    if inner is not None:
        with os.fdopen(inner, "rb") as end:
            end.read()
