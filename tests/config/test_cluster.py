"""The embedded server starts in awkward places, after crashes, and leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time

import psutil
import psycopg
import pytest

from config import cluster, embedded


@pytest.fixture
def folder(tmp_path):
    """A data folder with a space and capitals in its path, behind a closed door."""
    closed = tmp_path / "Closed door"
    closed.mkdir(mode=0o700)
    return closed


@pytest.fixture
def log(tmp_path):
    with (tmp_path / "log").open("wb") as file:
        yield file


def servers(folder):
    return [p for p in psutil.process_iter(["cmdline"]) if str(folder) in str(p.info["cmdline"])]


def ask(folder, query):
    with psycopg.connect(embedded.database_url(folder)) as connection:
        return connection.execute(query).fetchone()


def test_it_serves_an_ordinary_role_with_vectors_and_leaves_nothing(folder, log):
    with cluster.running(folder, log=log, throwaway=True):
        role = ask(folder, "SELECT current_user, rolsuper FROM pg_roles WHERE rolname = 'roster'")
        near = ask(folder, "SELECT '[1,2]'::vector <-> '[1,3]'::vector")
        addresses = ask(folder, "SHOW listen_addresses")

    assert (role, near, addresses) == (("roster", False), (1.0,), ("",))
    assert servers(folder) == []
    assert not embedded.socket_folder(folder).exists()


def test_what_was_written_is_there_after_a_crash(folder, log):
    with pytest.raises(psycopg.OperationalError), cluster.running(folder, log=log):
        with psycopg.connect(embedded.database_url(folder)) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        died = [p for server in servers(folder) for p in (server, *server.children(recursive=True))]
        for process in died:
            process.kill()
        psutil.wait_procs(died, timeout=120)
        ask(folder, "SELECT 1")

    with cluster.running(folder, log=log):
        assert ask(folder, "SELECT answer FROM kept") == (42,)


def test_it_goes_when_its_parent_is_killed(folder):
    code = (
        "import sys, time; from pathlib import Path; from config import cluster\n"
        f"with cluster.running(Path({str(folder)!r}), log=sys.stderr.buffer, throwaway=True):\n"
        "    print('up', flush=True); time.sleep(60)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    with parent:
        assert parent.stdout.readline() == b"up\n"
        parent.kill()

    deadline = time.monotonic() + 120
    while servers(folder) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert servers(folder) == []


def test_a_server_that_outlived_its_parent_is_ended_first(folder, log):
    cluster.prepare(folder, throwaway=True)
    orphan = subprocess.Popen(
        cluster.command(folder, throwaway=True), stdout=log, stderr=log, start_new_session=True
    )
    cluster.wait_until_ready(folder, orphan)

    cluster.prepare(folder, throwaway=True)

    assert orphan.wait(120) == 0


def test_a_number_that_is_another_process_by_now_is_forgotten(folder):
    cluster.prepare(folder, throwaway=True)
    pid_file = embedded.cluster_folder(folder) / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n")

    cluster.prepare(folder, throwaway=True)

    assert not pid_file.exists()


def test_a_cluster_of_another_version_is_refused(folder):
    cluster.prepare(folder, throwaway=True)
    (embedded.cluster_folder(folder) / "PG_VERSION").write_text("17\n")

    with pytest.raises(cluster.ClusterError, match=r"PostgreSQL 17.*pg_dump"):
        cluster.prepare(folder, throwaway=True)


def test_a_socket_folder_of_somebody_else_is_refused(folder):
    planted = embedded.socket_folder(folder)
    planted.symlink_to(folder)

    try:
        with pytest.raises(cluster.ClusterError, match="belongs to somebody else"):
            cluster.prepare(folder, throwaway=True)
    finally:
        planted.unlink()


def test_a_server_that_ends_while_starting_is_reported(folder, log):
    cluster.prepare(folder, throwaway=True)
    embedded.cluster_folder(folder).joinpath("postgresql.conf").write_text("nonsense = on\n")

    with (
        pytest.raises(cluster.ClusterError, match="ended while starting"),
        cluster.running(folder, log=log),
    ):
        pass


def test_a_deaf_server_is_ended_by_force(monkeypatch):
    code = (
        "import signal,time; signal.signal(signal.SIGINT, signal.SIG_IGN); print(); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-uc", code], stdout=subprocess.PIPE)
    process.stdout.readline()
    monkeypatch.setattr(cluster, "STOPS", ((signal.SIGINT, 0.1), (signal.SIGKILL, 5)))

    with process:
        cluster.stop(process)

    assert process.returncode == -signal.SIGKILL


@pytest.mark.skipif(os.geteuid() != 0, reason="only root needs to run it as somebody else")
def test_root_runs_it_as_somebody_else_without_opening_folders(folder, log):
    with cluster.running(folder, log=log, throwaway=True):
        (server, *_) = servers(folder)

        assert server.uids().real != 0

    assert folder.stat().st_mode & 0o777 == 0o700


def test_root_without_setpriv_is_told_what_to_do(folder, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(cluster.shutil, "which", lambda name: None)

    with pytest.raises(cluster.ClusterError, match=r"util-linux.*DATABASE_URL"):
        cluster.command(folder)
