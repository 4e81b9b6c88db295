"""What differs between two texts, fact by fact and line by line."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

Kind = Literal["same", "added", "removed", "changed"]


@dataclass(frozen=True)
class Line:
    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True)
class Difference:
    """One fact that differs; `lines` only where a text of several lines changed."""

    section: str
    label: str
    kind: Kind
    before: str
    after: str

    @property
    def lines(self) -> list[Line]:
        if "\n" not in self.before + self.after:
            return []
        return list(_lines(self.before.splitlines(), self.after.splitlines()))


def _lines(before: list[str], after: list[str]) -> Iterator[Line]:
    for kind, i1, i2, j1, j2 in SequenceMatcher(a=before, b=after, autojunk=False).get_opcodes():
        if kind == "equal":
            yield from (Line("same", text) for text in before[i1:i2])
            continue
        yield from (Line("removed", text) for text in before[i1:i2])
        yield from (Line("added", text) for text in after[j1:j2])
