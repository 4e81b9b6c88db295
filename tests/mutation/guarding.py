"""Takes away what each guard of tests/architecture protects: its test must fail."""

import ast
import time

from tests.mutation.guards import GUARDS, HERE, WITHOUT
from tests.mutation.workshop import ROOT

FAILED = 1  # pytest's status where tests ran and at least one failed


class Unfitting(Exception):
    """The code has changed, and the edit no longer finds what it is to take away."""


def names(wanted):
    return [guard.test for guard in _chosen(wanted)]


def report(workshop, asked):
    """Yield what is wrong, a line each, and print how it goes."""
    yield from _not_covered()
    there = _there()
    chosen = [guard for guard in _chosen(asked.k) if guard.function in there]
    status, log = workshop.run([guard.node for guard in chosen if not guard.new_case])
    if status:
        yield f"The guards fail, or aren't there, with nothing removed:\n{log[-2000:]}"
        return
    for guard in chosen:
        started = time.monotonic()
        trouble = _trouble(workshop, guard)
        word = "SURVIVED" if trouble else "seen to fail"
        print(f"{word:12} {time.monotonic() - started:5.1f} s  {guard.test}", flush=True)
        if trouble:
            yield trouble


def _chosen(wanted):
    return [guard for guard in GUARDS if wanted in guard.test]


def _trouble(workshop, guard):
    """What is wrong with this guard; "" where it fails as it should."""
    try:
        for edit in guard.edit:
            _apply(workshop, **edit)
        status, log = workshop.run([guard.node], fresh_database=guard.fresh_database)
    except Unfitting as error:
        return f"{guard.test}: {error}"
    finally:
        workshop.restore_all()
    if status == FAILED:
        return ""
    return f"{guard.test} lived without {guard.removed} (status {status}).\n{log[-600:]}"


def _apply(workshop, *, file, new, old=""):
    path = workshop.tree / file
    text = path.read_text() if path.exists() else ""
    if old not in text:
        raise Unfitting(f"{file} no longer has {old!r}: tests/mutation/guards.toml is out of date")
    workshop.write(file, text.replace(old, new) if old else text + new)


def _not_covered():
    """Tests of tests/architecture that nothing here takes a protection from, or that are gone."""
    there = _there()
    tried = {guard.function for guard in GUARDS} | set(WITHOUT)
    yield from (f"{name}: nothing is taken away to see it fail" for name in sorted(there - tried))
    yield from (f"{name}: there is no such test" for name in sorted(tried - there))


def _there():
    return {
        f"{path.name}::{node.name}"
        for path in (ROOT / HERE).glob("test_*.py")
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }
