"""Pytest plugin: coverage where it can find something new.

Measuring costs two thirds of a test's own time, and most tests execute what others have executed
before them. So the sweeps, which ask everything and say nothing of a single line, aren't measured;
neither are the third case of a test and those after it, nor what is set up and taken down beyond
the first test of a file. What goes unmeasured can only make the coverage less than it is.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from coverage import Coverage

SWEEPS = "tests/architecture/"
CASES = 2
# What mostly waits: begun first, so that it is not what the end waits for.
WAITING = ("tests/browser/", "tests/config/test_up.py")

_first_of: dict[str, str] = {}
_called: Counter[str] = Counter()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(WAITING))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> Iterator[None]:
    file = item.nodeid.partition("::")[0]
    _first_of[file] = _first_of.get(file, item.nodeid)
    with _measured(_is_first(item)):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> Iterator[None]:
    function = item.nodeid.partition("[")[0]
    _called[function] += 1
    with _measured(_called[function] <= CASES and not function.startswith(SWEEPS)):
        return (yield)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    with _measured(_is_first(item)):
        return (yield)


def _is_first(item: pytest.Item) -> bool:
    """Whether it is the first of its file, and that no sweep."""
    file = item.nodeid.partition("::")[0]
    return _first_of[file] == item.nodeid and not file.startswith(SWEEPS)


@contextmanager
def _measured(is_asked: bool) -> Iterator[None]:
    coverage = None if is_asked else Coverage.current()
    if coverage:
        coverage.stop()
    try:
        yield
    finally:
        if coverage:
            coverage.start()
