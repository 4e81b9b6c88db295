"""How a fake model behaves, read from its name (see fake_provider)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

_ANSWER = "The quick answer is that refunds take five working days and need no approval at all"
WORDS = _ANSWER.split()
FAILURES = {"status", "hang", "garbage", "cut", "end", "silent", "trickle", "refuse"}


@dataclass(frozen=True)
class Behaviour:
    """What a model's name asks for."""

    options: dict[str, str]

    @classmethod
    def named(cls, model: str) -> Self:
        pairs = (part.partition("=") for part in model.split(","))
        return cls({name: value for name, _, value in pairs})

    def __contains__(self, name: str) -> bool:
        return name in self.options

    def number(self, name: str, default: int) -> int:
        return int(self.options.get(name) or default)

    def text(self, name: str, default: str = "") -> str:
        return self.options.get(name, default)

    def without_failures(self) -> Self:
        return type(self)({k: v for k, v in self.options.items() if k not in FAILURES})

    # ── What every wire says in its own words ─────────────────────────────────────────────────

    @property
    def said(self) -> int:
        """The tokens that are reported for the answer."""
        return self.number("words", len(WORDS))

    @property
    def words(self) -> list[str]:
        return [WORDS[i % len(WORDS)] for i in range(self.said)]

    @property
    def arguments(self) -> str:
        return self.text("args", "{}").replace(";", ",")

    def asks_for_tools(self, has_results: bool) -> bool:
        return "tool" in self and ("loop" in self or not has_results)

    def ending(self, *, stop: str, length: str, filtered: str) -> str:
        if "filtered" in self:
            return filtered
        return length if "length" in self else stop
