"""Children are started, restarted and stopped; nothing of theirs stays."""

import io
import os
import signal
import sys
import time

import psutil
import pytest

from config import supervisor as supervising
from config.supervisor import ECHO_SECONDS, Console, GaveUp, Program, StopRequested, Supervisor

SLEEP = "import time; time.sleep(60)"
DEAF = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf'); {SLEEP}"
BREEDING = f"""
import subprocess, sys
print(subprocess.Popen([sys.executable, "-c", "{SLEEP}"]).pid)
{SLEEP}
"""
POLITE = """
import signal, sys, time
def leave(*_):
    time.sleep({})
    print("bye")
    sys.exit()
signal.signal(signal.SIGTERM, leave)
print("up")
time.sleep(60)
"""
# Asks its parent to stop, too, while it is being stopped.
TELLING = """
import os, signal, sys, time
def leave(*_):
    os.kill(os.getppid(), signal.SIGTERM)
    time.sleep(0.1)
    print("bye")
    sys.exit()
signal.signal(signal.SIGTERM, leave)
print("up")
time.sleep(60)
"""


def python(name, code, **options):
    return Program(name, [sys.executable, "-u", "-c", code], **options)


@pytest.fixture
def output():
    return io.StringIO()


@pytest.fixture
def supervisor(output):
    crew = Supervisor(Console(output))
    yield crew
    crew.stop()


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_lines_carry_the_name_of_their_process(supervisor, output):
    supervisor.start(python("web", "print('hello')"))

    until(lambda: "hello" in output.getvalue())

    assert output.getvalue() == "web       │ hello\n"


def test_control_characters_reach_no_terminal(output):
    Console(output).line("web", "a\x1b[2Jb\rc")

    assert output.getvalue() == "web       │ a\\x1b[2Jb\\rc\n"


def test_a_terminal_gets_colours():
    terminal = io.StringIO()
    terminal.isatty = lambda: True

    Console(terminal).line("web", "hello")

    assert "\x1b[32m" in terminal.getvalue()


def test_a_terminal_that_went_away_stops_nobody():
    gone = io.StringIO()
    console = Console(gone)
    gone.close()

    console.line("web", "hello")


def test_a_killed_child_is_started_again(supervisor):
    first = supervisor.start(python("web", SLEEP))

    first.kill()
    until(lambda: supervisor.tend() or supervisor.children[0].process is not first)

    assert supervisor.children[0].process.poll() is None


def test_what_a_dead_child_left_behind_ends_with_it(supervisor, output):
    parent = supervisor.start(python("runs", BREEDING))
    until(lambda: output.getvalue().count("\n"))
    left = psutil.Process(int(output.getvalue().split("│")[1]))

    parent.kill()
    until(lambda: supervisor.tend() or supervisor.children[0].restart_at)

    until(lambda: not left.is_running() or left.status() == psutil.STATUS_ZOMBIE)


def test_a_child_that_dies_again_and_again_ends_everything_with_one_message(supervisor):
    supervisor.start(python("beat", "raise SystemExit(3)"))

    with pytest.raises(GaveUp, match=r"beat ended 5 times in a row \(last: status 3\)"):
        until(supervisor.tend, seconds=60)


def test_a_child_that_ignores_the_signal_is_ended_by_force(supervisor, output):
    child = supervisor.start(python("web", DEAF, stop_seconds=0.2))
    until(lambda: "deaf" in output.getvalue())

    supervisor.stop()

    assert child.returncode == -signal.SIGKILL
    assert "web is ended by force" in output.getvalue()


def test_what_the_others_need_stops_last(supervisor, output):
    supervisor.start(python("postgres", POLITE.format(0), stops_last=True))
    supervisor.start(python("web", POLITE.format(0.3)))
    until(lambda: output.getvalue().count("up") == 2)

    supervisor.stop()
    until(lambda: output.getvalue().count("bye") == 2)

    farewells = [line.split()[0] for line in output.getvalue().splitlines() if "bye" in line]
    assert farewells == ["web", "postgres"]


@pytest.fixture
def not_under_nohup():
    """The tests themselves may be run by it, and whoever ignores a signal hands that down."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
@pytest.mark.usefixtures("not_under_nohup")
def test_a_signal_asks_for_the_end(supervisor, number):
    with supervisor.signals(), pytest.raises(StopRequested, match=signal.Signals(number).name):
        os.kill(os.getpid(), number)
        supervisor.run()


def test_nohup_keeps_it_running(supervisor):
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)

    try:
        with supervisor.signals():
            os.kill(os.getpid(), signal.SIGHUP)
            supervisor.tend()
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.fixture
def unhurried(monkeypatch):
    """“At once” is as long as a busy machine takes."""
    monkeypatch.setattr(supervising, "ECHO_SECONDS", 60.0)


def test_a_second_signal_waits_for_nobody(supervisor, output):
    supervisor.start(python("web", DEAF, stop_seconds=60))
    until(lambda: "deaf" in output.getvalue())

    with supervisor.signals():
        with pytest.raises(StopRequested):
            os.kill(os.getpid(), signal.SIGTERM)
            supervisor.run()
        time.sleep(ECHO_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)
        supervisor.stop()

    assert "by force" in output.getvalue()


def test_a_signal_while_everything_is_stopped_anyway_is_no_second_one(
    supervisor, output, unhurried
):
    supervisor.start(python("web", TELLING))
    until(lambda: "up" in output.getvalue())

    with supervisor.signals():
        supervisor.stop()

    assert "bye" in output.getvalue()
    assert "by force" not in output.getvalue()


def test_a_signal_that_comes_twice_at_once_is_one_wish(supervisor, output, unhurried):
    supervisor.start(python("web", POLITE.format(0.1)))
    until(lambda: "up" in output.getvalue())

    with supervisor.signals():
        with pytest.raises(StopRequested):
            os.kill(os.getpid(), signal.SIGTERM)
            supervisor.run()
        os.kill(os.getpid(), signal.SIGTERM)
        supervisor.stop()

    assert "bye" in output.getvalue()
    assert "by force" not in output.getvalue()
