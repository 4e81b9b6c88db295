"""`manage.py up` as a person meets it: real processes, from nothing to nothing."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from uuid import uuid4

import psutil
import pytest

from tests import databases

MANAGE = Path(__file__).parents[2] / "manage.py"
SECONDS = 300  # generous: the machine of a test run is busy


class Up:
    """One start of `up` in a data folder, as somebody's terminal sees it."""

    def __init__(self, folder, port, *options, **variables):
        self.folder, self.port = folder, port
        self.output = folder.parent / f"output-{time.monotonic_ns()}"
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, str(MANAGE), "up", "--port", str(port), *options],
                stdout=output,
                stderr=output,
                env={**environment, "ROSTER_DATA_DIR": str(folder), **variables},
            )

    @property
    def text(self):
        return self.output.read_text()

    def until(self, condition, seconds=SECONDS):
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, self.text
            time.sleep(0.1)

    def until_ready(self):
        self.until(lambda: "Roster is ready" in self.text or self.process.poll() is not None)
        assert self.process.poll() is None, self.text

    def relatives(self):
        """Every living process of this data folder, but `up` itself."""
        return [p for p in psutil.process_iter() if p.pid != self.process.pid and self._owns(p)]

    def _owns(self, process):
        try:
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return process.environ().get("ROSTER_DATA_DIR") == str(self.folder) or str(
                self.folder
            ) in " ".join(process.cmdline())
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False

    def child(self, *words):
        """The number of the child that runs this command."""
        return next(
            p.pid
            for p in psutil.Process(self.process.pid).children()
            if " ".join(words) in " ".join(p.cmdline())
        )

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}") as answer:
            return answer.status, answer.read().decode()


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "A folder" / "var"


@pytest.fixture
def start(folder, free_port):
    """start(*options) → Up; whatever a failed test leaves is ended."""
    folder.parent.mkdir()
    started = []

    def up(*options, data=folder, port=free_port, **variables):
        started.append(Up(data, port, *options, **variables))
        return started[-1]

    yield up
    for one in started:
        one.process.kill()
        one.process.wait()
        for process in one.relatives():
            process.kill()


def refusal(up):
    """The one message of a start that was refused."""
    assert up.process.wait(SECONDS) == 2, up.text
    assert "Traceback" not in up.text
    up.until(lambda: not up.relatives())
    return up.text


def test_the_whole_life_of_up(start):
    up = start()
    up.until_ready()
    assert up.get("/readyz")[0] == 200
    assert re.search(r"sign in as owner@demo.example with the password \S{12,}", up.text)

    # Somebody starts it a second time.
    second = start(port=up.port + 1)
    assert second.process.wait(SECONDS) == 2
    assert f"process {up.process.pid}" in second.text

    # A worker is killed, and is back.
    killed = up.child("worker", "knowledge")
    os.kill(killed, signal.SIGKILL)
    up.until(lambda: up.text.count("worker.ready queue=knowledge") == 2)

    # Everything is stopped.
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(SECONDS) == 0, up.text
    up.until(lambda: not up.relatives())  # who was killed may not have been scheduled yet
    assert "stopped (SIGTERM)" in up.text

    # It starts again, is killed itself, and takes everything with it.
    again = start("--no-demo")
    again.until_ready()
    assert "with the password" not in again.text
    again.process.kill()
    again.until(lambda: not again.relatives())


def test_a_taken_port_is_refused_before_anything_starts(start, folder):
    with socket.create_server(("127.0.0.1", 0)) as other:
        text = refusal(start(port=other.getsockname()[1]))

    assert "is taken by another program" in text
    assert not (folder / "postgres").exists()


def test_a_folder_that_cannot_be_written_is_refused(start, folder):
    folder.write_text("a file where the folder should be")

    text = refusal(start())

    assert "can't be written" in text
    assert "ROSTER_DATA_DIR" in text


def test_malformed_variables_are_refused_all_at_once(start, folder):
    text = refusal(start(DEBUG="maybe", LOG_FORMAT="xml", CELERY_BROKER_URL="nowhere"))

    assert text.count("•") == 3
    assert not folder.exists()


def test_a_given_database_that_is_away_is_refused(start):
    text = refusal(start(DATABASE_URL="postgresql://roster@127.0.0.1:1/roster"))

    assert "The database of DATABASE_URL can't be used" in text


@pytest.fixture
def empty_database():
    """The address of a database on the tests' server in which nothing is yet."""
    with databases.made(os.environ["DATABASE_URL"], f"empty_{uuid4().hex}") as url:
        yield url


def test_an_empty_database_that_is_given_is_made_ready(start, folder, empty_database):
    up = start(DATABASE_URL=empty_database)
    up.until_ready()

    assert up.get("/readyz")[0] == 200
    assert "with the password" in up.text
    assert not (folder / "postgres").exists()
    up.process.send_signal(signal.SIGTERM)
    assert up.process.wait(SECONDS) == 0, up.text
    up.until(lambda: not up.relatives())


def test_check_env_finds_a_new_folder_complete(folder):
    environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"}

    found = subprocess.run(
        [sys.executable, str(MANAGE), "check_env"],
        env={**environment, "ROSTER_DATA_DIR": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (found.returncode, found.stdout) == (0, "The configuration is complete.\n")


def test_the_web_server_alone_refuses_to_start_without_secrets(folder, free_port):
    found = subprocess.run(
        [sys.executable, str(MANAGE), "web", "--port", str(free_port)],
        env={
            **os.environ,
            "ROSTER_DATA_DIR": str(folder),
            "SECRET_KEY": "",
            "ROSTER_SECRET_KEYS": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert found.returncode == 2
    assert "SECRET_KEY is missing" in found.stderr
