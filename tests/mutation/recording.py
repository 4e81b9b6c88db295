"""Which tests execute which line, and how long each takes: so that a mutant meets its own first."""

import functools
import gc
import json
import time
from dataclasses import dataclass, field
from pathlib import Path

import coverage

# What is tried with one mutant at most, in seconds of the record: in a fork, and in its own run.
ENOUGH, THOROUGH = 8, 120


@dataclass
class Record:
    """`seconds` of each test; of each file the tests that execute a line of it, by line."""

    seconds: dict = field(default_factory=dict)
    lines: dict = field(default_factory=dict)
    killers: dict = field(default_factory=dict)  # of a function's mutants, latest first

    @classmethod
    def read(cls, path):
        told = json.loads(path.read_text())
        lines = {
            file: {int(line): set(tests) for line, tests in by_line.items()}
            for file, by_line in told["lines"].items()
        }
        return cls(told["seconds"], lines)

    def tests_of(self, mutant, enough=ENOUGH):
        """Those that execute the mutant's lines, as far as time allows: known killers of mutants
        of the same function first, then those of files named like its module, then the quickest.
        What is executed by an import alone has all tests, those of its module before others: a
        test that looks at a constant executes no line."""
        by_line = self.lines.get(mutant.path, {})
        covering = [by_line.get(line, ()) for line in range(mutant.line, mutant.end + 1)]
        of_module = set().union(*by_line.values())
        tests = set().union(*covering) or self.seconds
        known = self.killers.get((mutant.path, mutant.function), [])
        stem = Path(mutant.path).stem.rstrip("s")

        def rank(test):
            file = test.partition("::")[0]
            is_named = stem in Path(file).stem
            return test not in known, not is_named, test not in of_module, self.seconds[test], test

        return list(self._within(sorted(tests, key=rank), enough))

    def drop(self, test):
        """Leave out a test that fails in a fork by itself: it would notice everything."""
        print(f"\n{test} fails alone and is left out.", flush=True)
        for by_line in self.lines.values():
            for tests in by_line.values():
                tests.discard(test)

    def note(self, mutant, killer):
        if killer in self.seconds:
            self.killers.setdefault((mutant.path, mutant.function), []).append(killer)

    def _within(self, ranked, enough):
        spent = 0
        for test in ranked:
            spent += self.seconds[test]
            if spent > enough:
                return
            yield test


class Recording:
    """Measures one test after another, each as if it were the first."""

    def __init__(self, root, paths, forget):
        self.root, self.paths, self.forget = root, paths, forget
        self.seconds = {}
        files = [str(root / path) for path in paths]
        self.coverage = coverage.Coverage(data_file=None, config_file=False, include=files)

    def __enter__(self):
        self.coverage.start()
        return self

    def __exit__(self, *error):
        self.coverage.stop()

    def begin(self, test):
        self.forget()
        self.coverage.switch_context(test)
        self._began = time.monotonic()

    def end(self, test):
        self.seconds[test] = time.monotonic() - self._began

    def write(self, path):
        data = self.coverage.get_data()
        lines = {}
        for name in self.paths:
            by_line = data.contexts_by_lineno(str(self.root / name))
            lines[name] = {line: sorted({t for t in tests if t}) for line, tests in by_line.items()}
        path.write_text(json.dumps({"seconds": self.seconds, "lines": lines}))


def forgetting():
    """A function that empties what our modules remember of their own functions' results."""
    from tenants.compiled import Compiled

    caches, compiled = [], []
    for found in gc.get_objects():
        if type(found) is functools._lru_cache_wrapper:
            if found.__module__.split(".")[0] in ("agents", "config", "tenants"):
                caches.append(found)
        elif type(found) is Compiled:
            compiled.append(found)

    def forget():
        for cache in caches:
            cache.cache_clear()
        for query in compiled:
            query._statement = None

    return forget
