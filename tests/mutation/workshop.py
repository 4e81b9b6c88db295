"""A copy of the tree in which modules may be spoilt, and quick runs of tests in it.

All runs share one throw-away PostgreSQL. Each is a fork of this process, which has loaded what
others wrote and nothing of ours, so that a run begins after a second instead of five.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from importlib import import_module
from pathlib import Path

from config import cluster, embedded
from tests.cluster import let_make_roles

ROOT = Path(__file__).resolve().parent.parent.parent
# Slow to import, and the same for every run.
LIBRARIES = (
    "celery", "django.db.models", "django.forms", "django.template", "genai_prices", "kombu",
    "lxml.html", "markdown_it", "nh3", "numpy", "openai", "psycopg", "pydantic", "pypdfium2",
    "structlog",
)  # fmt: skip
OPTIONS = (
    "-n0", "-q", "-x", "--no-header", "--tb=line", "--reuse-db",
    "-W", "ignore::pytest.PytestAssertRewriteWarning",
    "-p", "no:randomly", "-p", "no:cacheprovider", "-o", "addopts=",
    "-p", "tests.cluster", "--allow-hosts=127.0.0.0/8,::1,localhost", "--allow-unix-socket",
)  # fmt: skip


class Workshop:
    """One copy with its database; `run` tells how tests end in it as it is now."""

    def __init__(self):
        self._stack = ExitStack()
        self.folder = Path(tempfile.mkdtemp(prefix="roster-mutation-"))
        self._stack.callback(shutil.rmtree, self.folder, ignore_errors=True)
        self.tree, self._log = self.folder / "tree", self.folder / "run.log"
        self._before = {}  # what spoilt files were; the real tree may change meanwhile

    def __enter__(self):
        for name in _tracked():
            if (ROOT / name).is_file():
                (self.tree / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, self.tree / name)
        data = self.folder / "data"
        data.mkdir()
        log = self._stack.enter_context((self.folder / "postgres.log").open("wb"))
        self._stack.enter_context(cluster.running(data, log=log, throwaway=True))
        let_make_roles(data)
        self._database = embedded.database_url(data)
        for name in LIBRARIES:
            import_module(name)
        return self

    def __exit__(self, *error):
        self._stack.close()

    # ── Files ─────────────────────────────────────────────────────────────────────────────────

    def write(self, path, text):
        """Put another text in a file's place, or a new file there."""
        file = self.tree / path
        self._before.setdefault(path, file.read_text() if file.exists() else None)
        (self.tree / path).parent.mkdir(parents=True, exist_ok=True)
        (self.tree / path).write_text(text)
        self._forget_compiled(path)

    def restore_all(self):
        """Every file as it was copied, or gone again."""
        for path, text in self._before.items():
            if text is None:
                (self.tree / path).unlink()
            else:
                (self.tree / path).write_text(text)
            self._forget_compiled(path)
        self._before.clear()

    def _forget_compiled(self, path):
        """Python compares times to the second, in which a file may change twice."""
        for compiled in (self.tree / path).parent.glob(f"__pycache__/{Path(path).stem}.*"):
            compiled.unlink()

    # ── Runs ──────────────────────────────────────────────────────────────────────────────────

    def run(self, tests, *, plugins=(), fresh_database=False, patience=600, **environment):
        """(exit status of pytest, what it printed); status 124 where it took too long."""
        options = [*OPTIONS, *(["--create-db"] if fresh_database else [])]
        child = os.fork()
        if child == 0:
            self._become_pytest([*options, *tests], plugins, fresh_database, environment)
        return self._wait(child, patience), self._log.read_text(errors="replace")

    def command(self, *words):
        """The same of a program, run in the copy."""
        done = subprocess.run(words, cwd=self.tree, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout + done.stderr

    def _wait(self, child, patience):
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            pid, status = os.waitpid(child, os.WNOHANG)
            if pid:
                return os.waitstatus_to_exitcode(status)
            time.sleep(0.02)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return 124

    def _become_pytest(self, arguments, plugins, fresh_database, environment):
        status = 3
        try:
            log = os.open(self._log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            for stream in (1, 2):
                os.dup2(log, stream)
            os.chdir(self.tree)
            # Another name, because a database made of a spoilt migration is of no use to others.
            url = self._database.replace("/roster?", "/fresh?") if fresh_database else None
            os.environ.update(DATABASE_URL=url or self._database, **environment)
            _forget_our_modules()
            sys.path[:] = [str(self.tree), *(p for p in sys.path if p not in ("", str(ROOT)))]
            import pytest

            status = int(pytest.main(arguments, plugins))
            used = Path(sys.modules["tenants.models"].__file__)
            if not used.is_relative_to(self.tree):
                print(f"Not the copy's code was tested, but {used}")
                status = 3
        except BaseException as error:  # noqa: BLE001  # a fork must not go on as its parent
            print(f"{type(error).__name__}: {error}")
        finally:
            sys.stdout.flush()
            os._exit(status)


def _tracked():
    words = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    return subprocess.check_output(words, cwd=ROOT, text=True).strip("\0").split("\0")


def _forget_our_modules():
    """What this process imported of ours, so that the copy's own is imported."""
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None) or ""
        is_ours = path.startswith(f"{ROOT}/") and not path.startswith(f"{ROOT}/.venv/")
        if is_ours and name != "__main__":
            del sys.modules[name]
