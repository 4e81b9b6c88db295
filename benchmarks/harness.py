"""What every measure is made with: rounds that alternate between ours and the floor, and medians.

Absolute times don't travel between machines, so a measure is a ratio against a floor that does the
least that any implementation has to do, in the same command. A module in `benchmarks/measures/`
joins by having a function decorated with `@measure`:

    @measure("8 vector search", goal="≤ 1.3")
    def vector_search(rounds: int) -> Iterator[Figure]:
        ours, floor = alternate(rounds, our_way, bare_way)
        yield Figure("p95 of 10,000 in 1,000,000", ours, floor, "ms")

A goal is a comparison with the ratio ours ÷ floor; a figure may have its own, or none.
"""

from __future__ import annotations

import importlib
import operator
import pkgutil
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from benchmarks import measures

_COMPARISONS = {"≤": operator.le, "≥": operator.ge}


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    ours: float
    floor: float | None = None
    unit: str = "ms"
    # What is asked of the ratio; where there is no floor, of ours. "" asks nothing.
    goal: str | None = None

    @property
    def ratio(self) -> float | None:
        """Ours ÷ floor."""
        return self.ours / self.floor if self.floor else None

    @property
    def is_reached(self) -> bool | None:
        """Whether the goal is met; None without one."""
        if not self.goal:
            return None
        sign, value = self.goal.split()
        figure = self.ours if self.ratio is None else self.ratio
        return bool(_COMPARISONS[sign](figure, float(value)))


@dataclass(frozen=True, slots=True)
class Measure:
    """A named function that yields figures."""

    name: str
    goal: str
    run: Callable[[int], Iterable[Figure]] = field(repr=False)

    @property
    def number(self) -> str:
        """What its name begins with."""
        return self.name.split(maxsplit=1)[0]

    def is_named(self, name: str) -> bool:
        """Whether a word of the command line means it: its number, or a part of its name."""
        return name == self.number if name.isdigit() else name in self.name

    def figures(self, rounds: int) -> Iterator[Figure]:
        """Its figures, with its goal where they have none of their own."""
        for figure in self.run(rounds):
            goal = self.goal if figure.goal is None else figure.goal
            yield Figure(figure.name, figure.ours, figure.floor, figure.unit, goal)


_REGISTERED: dict[str, Measure] = {}
_Run = Callable[[int], Iterable[Figure]]


def measure(name: str, *, goal: str = "") -> Callable[[_Run], _Run]:
    """Register a measure. Its name begins with its number in docs/performance.md."""

    def register(run: _Run) -> _Run:
        _REGISTERED[name] = Measure(name, goal, run)
        return run

    return register


def all_measures() -> list[Measure]:
    """Every measure of `benchmarks/measures/`, by number."""
    for module in pkgutil.iter_modules(measures.__path__):
        importlib.import_module(f"{measures.__name__}.{module.name}")
    return sorted(_REGISTERED.values(), key=_order)


def _order(found: Measure) -> tuple[int, str]:
    return (int(found.number) if found.number.isdigit() else 99, found.name)


def alternate(
    rounds: int, ours: Callable[[], float], floor: Callable[[], float]
) -> tuple[float, float]:
    """The medians of what both give, called in turn; which of them begins changes every round."""
    figures: dict[Callable[[], float], list[float]] = {ours: [], floor: []}
    for number in range(max(2, rounds)):
        for way in (ours, floor) if number % 2 else (floor, ours):
            figures[way].append(way())
    return statistics.median(figures[ours]), statistics.median(figures[floor])


def percentile(values: Iterable[float], share: float) -> float:
    """The value that this share (0 to 1) of the values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
