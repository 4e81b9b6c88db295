"""What extraction gives and what bounds it. Shared with the child: standard library only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


class Block(NamedTuple):
    """A heading or a paragraph, in reading order."""

    text: str
    # 1 to 6 for a heading, outermost first; 0 for a paragraph.
    level: int = 0
    page: int | None = None
    # Code, tables and lists: their line ends mean something.
    is_lines: bool = False


@dataclass(slots=True)
class Extracted:
    """What was read of one file."""

    media_type: str = ""
    page_count: int | None = None
    blocks: list[Block] = field(default_factory=list)


# Told as pages are read: how many are done, of how many.
OnPage = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may cost."""

    pages: int = 5_000
    characters: int = 20_000_000
    zip_members: int = 5_000
    decoded_bytes: int = 100 * 1024 * 1024
    memory_bytes: int = 1024 * 1024 * 1024
    cpu_seconds: int = 60
    wall_seconds: float = 90.0
    open_files: int = 64


class Unreadable(Exception):
    """The file can't be read; `code` says why, `detail` what stands in the sentence about it."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code, self.detail = code, detail
