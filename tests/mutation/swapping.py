"""Runs tests against many mutants in one pytest session: a fork for each, its code swapped in.

Nothing is imported again, so that a mutant takes about as long as the test that kills it. What
only shows when a module is imported (decorators, constants, closures) isn't swapped this way: such
mutants survive here, and are tried again by a run of their own.
"""

import gc
import json
import os
import signal
import time
from types import CodeType, FunctionType

import pytest
from django.db import connections
from hypothesis import Phase, settings

CONTROL_SECONDS, LEAST_SECONDS = 1200, 30


class Swapping:
    """A pytest plugin; writes a line of JSON for each run: [mutant's number, test that failed].

    The first line is the control, a run of all tests with nothing swapped, and has null as number.
    """

    def __init__(self, mutants, tests_of, root, results):
        self.mutants, self.tests_of, self.root, self.results = mutants, tests_of, root, results
        self.patience = CONTROL_SECONDS

    def pytest_configure(self):
        """A failing example is enough; it needn't be made small."""
        settings.register_profile("mutation", phases=[Phase.explicit, Phase.generate])
        settings.load_profile("mutation")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session):
        """Instead of one run of all tests: a run for each mutant, up to the first failure."""
        by_file = {}
        for item in session.items:
            by_file.setdefault(item.location[0], []).append(item)
        # The first test makes the database, which all forks then use.
        _run([session.items[0]], session)
        connections.close_all()
        with self.results.open("w", buffering=1) as results:
            started = time.monotonic()
            failed = self._forked(session, session.items, None)
            print(json.dumps([None, failed]), file=results)
            if failed:
                return True
            # A mutant that runs for ever is noticed, too.
            self.patience = max(LEAST_SECONDS, 5 * (time.monotonic() - started))
            for number, mutant in enumerate(self.mutants):
                items = [item for name in self.tests_of(mutant) for item in by_file.get(name, ())]
                print(json.dumps([number, self._forked(session, items, mutant)]), file=results)
        return True

    def pytest_runtest_logreport(self, report):
        """Into the log, since no fork lives to the summary."""
        if report.failed:
            print(f"\n{report.nodeid}\n{report.longreprtext}")

    def _forked(self, session, items, mutant):
        """The first test that failed, "" where all passed."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                failed = _run(items, session) if not mutant or swap(mutant, self.root) else ""
                os.write(writing, failed.encode())
            finally:
                os._exit(0)
        os.close(writing)
        return self._answer(child, reading)

    def _answer(self, child, reading):
        deadline = time.monotonic() + self.patience
        while not os.waitpid(child, os.WNOHANG)[0]:
            if time.monotonic() > deadline:
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
                return "timeout"
            time.sleep(0.005)
        with os.fdopen(reading) as pipe:
            return pipe.read()


def _run(items, session):
    before = session.testsfailed
    for number, item in enumerate(items):
        following = items[number + 1] if number + 1 < len(items) else None
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if session.testsfailed > before:
            return item.nodeid
    return ""


def swap(mutant, root):
    """Give all functions of the mutant's module its code; whether that changed any."""
    path = str(root / mutant.path)
    new = dict(_codes(compile(mutant.tree, path, "exec")))
    live = [
        f for f in gc.get_objects() if type(f) is FunctionType and f.__code__.co_filename == path
    ]
    changed = False
    for function in live:
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
