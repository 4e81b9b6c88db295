"""Runs tests against many mutants in one pytest session: a fork for each, its code swapped in.

Nothing is imported again, so that a mutant takes about as long as the test that kills it. What
only shows when a module is imported (decorators, constants, closures) isn't swapped this way: such
mutants survive here, and are tried again by a run of their own.
"""

import gc
import json
import os
import signal
import sys
import time
import traceback
from types import CodeType, FunctionType, SimpleNamespace

import pytest
from django.db import connections
from hypothesis import Phase, settings

from tests.mutation.recording import Record, Recording, forgetting

CONTROL_SECONDS, LEAST_SECONDS = 3000, 30


class Swapping:
    """A pytest plugin; writes a line of JSON for each run: [mutant's number, test that failed].

    The first line is the control, a run of all tests with nothing swapped, and has null as number.
    That run also records which test executes which line, by which those of a mutant are chosen.
    """

    def __init__(self, mutants, workshop):
        self.mutants, self.root = mutants, workshop.tree
        self.passing = {}
        self.results, self.record = (
            workshop.folder / "results.jsonl",
            workshop.folder / "record.json",
        )

    def pytest_configure(self):
        """A failing example is enough; it needn't be made small."""
        settings.register_profile("mutation", phases=[Phase.explicit, Phase.generate])
        settings.load_profile("mutation")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Instead of one run of all tests: a run for each mutant, up to the first failure."""
        # What commits would stay in the database where a mutant runs for ever.
        self.items = {item.nodeid: item for item in session.items if not _commits(item)}
        # The first test makes the database, which all forks then use; what is made for the whole
        # session stays.
        self.session, self.outside = session, SimpleNamespace(listchain=lambda: [session])
        self._run([next(iter(self.items))])
        connections.close_all()
        # Before the freeze, after which Python lists none of these objects; tests/conftest.py froze
        # what was loaded before the tests.
        gc.unfreeze()
        self.forget, self.live = forgetting(), _functions(self.root)
        gc.freeze()
        with self.results.open("w", buffering=1) as results:
            failed = self._forked(self._recorded, CONTROL_SECONDS)
            print(json.dumps([None, failed]), file=results)
            if not failed:
                self._try_all(Record.read(self.record), results)
        return True

    def pytest_runtest_logreport(self, report):
        """Into the log, since no fork lives to the summary."""
        if report.failed:
            print(f"\n{report.nodeid}\n{report.longreprtext}", flush=True)

    def _try_all(self, record, results):
        for number, mutant in enumerate(self.mutants):
            killer = self._killer(record, mutant)
            record.note(mutant, killer)
            print(json.dumps([number, killer]), file=results)

    def _killer(self, record, mutant):
        """The test that notices the mutant; "" where none does."""
        while True:
            tests = record.tests_of(mutant)
            # A mutant that runs for ever is noticed, too.
            patience = LEAST_SECONDS + 10 * sum(record.seconds[test] for test in tests)
            killer = self._forked(lambda: self._mutated(mutant, tests), patience)  # noqa: B023
            if killer not in record.seconds or self._passes(killer):
                return killer
            record.drop(killer)

    def _passes(self, test):
        """Whether a test that failed with a mutant passes in the same place without one."""
        if test not in self.passing:
            alone = self._forked(lambda: self._fresh([test]), LEAST_SECONDS)
            self.passing[test] = not alone
        return self.passing[test]

    def _recorded(self):
        """Run everything; the first test that failed."""
        paths = sorted({mutant.path for mutant in self.mutants})
        with Recording(self.root, paths, self.forget) as recording:
            failed = self._run(self.items, recording)
        recording.write(self.record)
        return failed

    def _mutated(self, mutant, tests):
        changed = swap(mutant, self.root, self.live)
        return self._fresh(tests) if changed else ""

    def _fresh(self, tests):
        self.forget()
        return self._run(tests)

    def _run(self, tests, recording=None):
        before = self.session.testsfailed
        for test in tests:
            item = self.items[test]
            if recording:
                recording.begin(test)
            # What is set up for a module or a folder ends with each test, the session's never.
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=self.outside)
            if recording:
                recording.end(test)
            if self.session.testsfailed > before:
                return test
        return ""

    def _forked(self, work, patience):
        """What the work returned; "timeout" where it took too long, "ended" where it just did."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(writing, (work() or "passed").encode())
            except BaseException:  # noqa: BLE001  # a fork must not go on as its parent
                traceback.print_exc()
                os.write(writing, b"broken")
            finally:
                sys.stdout.flush()
                os._exit(0)
        os.close(writing)
        deadline = time.monotonic() + patience
        while not os.waitpid(child, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return "timeout"
            time.sleep(0.005)
        with os.fdopen(reading) as pipe:
            told = pipe.read()
        return "" if told == "passed" else told or "ended"


def _commits(item):
    marker = item.get_closest_marker("django_db")
    return marker is not None and marker.kwargs.get("transaction", False)


def _functions(root):
    """The functions of the tree by their file."""
    found = {}
    for function in gc.get_objects():
        if type(function) is FunctionType and function.__code__.co_filename.startswith(f"{root}/"):
            found.setdefault(function.__code__.co_filename, []).append(function)
    return found


def swap(mutant, root, live):
    """Give the functions of the mutant's module, among the live ones, its code; whether that
    changed any."""
    path = str(root / mutant.path)
    new = dict(_codes(compile(mutant.tree, path, "exec")))
    changed = False
    for function in live.get(path, ()):
        code = new.get(_key(function.__code__))
        if code is None or code == function.__code__:
            continue
        try:
            function.__code__ = code
        except ValueError:  # other closed-over names: only an import makes that function
            continue
        changed = True
    return changed


def _codes(code):
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield _key(constant), constant
            yield from _codes(constant)


def _key(code):
    return code.co_qualname, code.co_firstlineno
