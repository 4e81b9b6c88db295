"""Runs Roster's processes as children: starts, restarts and stops them, and prints their lines.

Every child leads a process group of its own, so that Ctrl-C reaches only the supervisor, and so
that what a dead child leaves behind (pool processes, server workers) can be ended with it.
"""

import os
import signal
import subprocess  # nosec B404 - starts Roster's own commands
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass
from types import FrameType
from typing import TextIO

from config.processes import tied_to_parent

POLL_SECONDS = 0.1
# A child may die this often without living for a while in between; then something is wrong that
# no restart heals.
MAX_DEATHS = 5
HEALTHY_SECONDS = 60.0
LONGEST_PAUSE_SECONDS = 8.0
LAST_LINES_SECONDS = 1.0
# One wish may come twice: to all of a terminal's or a unit's processes, and passed on by `uv run`.
ECHO_SECONDS = 0.5
COLOURS = {"postgres": 34, "web": 32, "runs": 35, "knowledge": 36, "beat": 33, "roster": 1}


class GaveUp(Exception):
    """A child died again and again; the message is for a person."""


class StopRequested(BaseException):
    """Ctrl-C or a signal: leave whatever the main thread is doing and stop cleanly."""


@dataclass(frozen=True)
class Program:
    """What a child runs and how it is asked to stop."""

    name: str
    command: Sequence[str]
    folder: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    # What it gets when the supervisor itself is killed.
    orphan_signal: signal.Signals = signal.SIGTERM
    stop_seconds: float = 10.0
    environment: Mapping[str, str] | None = None
    inherits: Sequence[int] = ()  # file descriptors
    before_start: Callable[[], None] | None = None
    is_tied: bool = False  # its command line already sees to `orphan_signal`
    stops_last: bool = False  # the others need it to stop cleanly


@dataclass
class Child:
    """A program with its process, how often that died, and when it starts again."""

    program: Program
    process: "subprocess.Popen[str] | None" = None
    started_at: float = 0.0
    relay: threading.Thread | None = None
    deaths: int = 0
    restart_at: float | None = None

    @property
    def has_ended(self) -> bool:
        """Whether the process is over. It isn't collected: its number stays taken until then."""
        if self.process is None or self.process.returncode is not None:
            return True
        found = os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        return found is not None

    def ask_to_stop(self) -> None:
        if self.process and not self.has_ended:
            self.process.send_signal(self.program.stop_signal)

    def reap(self) -> int:
        """Kill what is left of the process's group, then collect the process; its exit code."""
        if self.process is None:
            return 0
        if self.process.returncode is None:
            # Before collecting it: the group's number can't have been given to anybody else.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
        code = self.process.wait()
        if self.relay:
            self.relay.join(LAST_LINES_SECONDS)
        return code


class Console:
    """Lines of several processes on one terminal, each named, in colour where it is a terminal."""

    def __init__(self, stream: TextIO = sys.stdout) -> None:
        self._stream = stream
        self._lock = threading.Lock()
        self._is_coloured = stream.isatty()

    def line(self, name: str, text: str) -> None:
        """Print one line; control characters, which could steer the terminal, are escaped."""
        clean = "".join(c if c.isprintable() or c == "\t" else repr(c)[1:-1] for c in text)
        label = f"{name:<9}"
        if self._is_coloured:
            label = f"\033[{COLOURS.get(name, 0)}m{label}\033[0m"
        with self._lock:
            try:
                self._stream.write(f"{label} │ {clean}\n")
                self._stream.flush()
            except (BrokenPipeError, ValueError):
                return  # nobody reads any more; the children go on


class Supervisor:
    """The children, in the order of their start."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.children: list[Child] = []
        self._wish, self._wished_at = "", 0.0
        self._is_spawning = self._is_stopping = self._is_impatient = False

    def start(self, program: Program) -> "subprocess.Popen[str]":
        """Start one more child; the main thread must call this."""
        child = Child(program)
        self.children.append(child)
        return self._spawn(child)

    def tend(self) -> None:
        """Look after every child once: restart the dead. Raises GaveUp."""
        for child in self.children:
            if child.restart_at is None and child.has_ended:
                self._bury(child)
            elif child.restart_at is not None and time.monotonic() >= child.restart_at:
                child.restart_at = None
                self._spawn(child)

    def run(self) -> None:
        """Look after the children until a signal asks for the end. Raises GaveUp."""
        while True:
            self.tend()
            time.sleep(POLL_SECONDS)

    def run_all(self, programs: Iterable[Program]) -> None:
        """Start these, look after them until a signal asks for the end, stop them."""
        try:
            for program in programs:
                self.start(program)
            self.run()
        finally:
            self.stop()

    def stop(self) -> None:
        """Stop everything, what the others need last."""
        if not self._is_stopping:
            self._is_stopping, self._wished_at = True, time.monotonic()
        for is_last in (False, True):
            group = [child for child in self.children if child.program.stops_last == is_last]
            for child in group:
                child.ask_to_stop()
            for child in group:
                self._see_off(child)
        self.children.clear()

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Turn Ctrl-C, SIGTERM and SIGHUP into StopRequested; a later one makes it quick."""

        def requested(number: int, frame: FrameType | None) -> None:
            now = time.monotonic()
            if self._is_stopping:
                self._is_impatient |= now - self._wished_at > ECHO_SECONDS
                return
            self._wished_at = now
            self._wish = signal.Signals(number).name
            if not self._is_spawning:  # a child half started would be nobody's
                self._obey()

        numbers = [signal.SIGINT, signal.SIGTERM]
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # `nohup` means it
            numbers.append(signal.SIGHUP)
        before = {number: signal.signal(number, requested) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _obey(self) -> None:
        if self._wish and not self._is_stopping:
            self._is_stopping = True
            raise StopRequested(self._wish)

    def _spawn(self, child: Child) -> "subprocess.Popen[str]":
        program = child.program
        if program.before_start:
            program.before_start()
        tie = [] if program.is_tied else tied_to_parent(program.orphan_signal)
        child.started_at, self._is_spawning = time.monotonic(), True
        process = child.process = subprocess.Popen(  # noqa: S603  # nosec B603
            [*tie, *program.command],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=program.folder,
            env=program.environment,
            pass_fds=program.inherits,
            text=True,
            errors="replace",
            process_group=0,
        )
        self._is_spawning = False
        child.relay = threading.Thread(target=self._relay, args=(program.name, process))
        child.relay.daemon = True
        child.relay.start()
        self._obey()
        return process

    def _relay(self, name: str, process: "subprocess.Popen[str]") -> None:
        with process.stdout or nullcontext(()) as lines:
            for line in lines:
                if text := line.rstrip():
                    self.console.line(name, text)

    def _bury(self, child: Child) -> None:
        """End what the dead child left, and decide when it starts again."""
        code, now, name = child.reap(), time.monotonic(), child.program.name
        child.deaths = 1 if now - child.started_at > HEALTHY_SECONDS else child.deaths + 1
        cause = f"signal {signal.Signals(-code).name}" if code < 0 else f"status {code}"
        if child.deaths >= MAX_DEATHS:
            raise GaveUp(
                f"{name} ended {MAX_DEATHS} times in a row (last: {cause}), so everything was "
                "stopped. Its lines above say why; put that right, then start again."
            )
        pause = min(0.25 * 2**child.deaths, LONGEST_PAUSE_SECONDS)
        self.console.line("roster", f"{name} ended ({cause}); starting it again in {pause:g} s")
        child.restart_at = now + pause

    def _see_off(self, child: Child) -> None:
        """Wait for a child that was asked to stop, as long as it may take; then end it."""
        deadline = time.monotonic() + child.program.stop_seconds
        while not child.has_ended:
            if self._is_impatient or time.monotonic() > deadline:
                self.console.line("roster", f"{child.program.name} is ended by force")
                break
            time.sleep(0.02)
        child.reap()
