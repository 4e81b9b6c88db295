"""The web process: Granian serving WSGI with many threads."""

import fcntl
import gc
import hashlib
import os
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.urls import get_resolver
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server import Server

from config import gate
from config.processes import die_with_parent
from config.reading import wsgi_application

STOP_SECONDS = 5
# The API's page is Swagger's.
UNUSED_STATIC = ["redoc*"]
TARGET = "config.wsgi:application"


def serve(host: str, port: int, *, held_at: int | None = None) -> None:
    """Answer requests until told to stop; `held_at` a gate, once that is open."""
    collect_static()
    # After the static files: WhiteNoise looks for them once, when the application is made.
    application = wsgi_application()
    # Before the workers fork: they share these modules, and the first request finds them.
    _ = get_resolver().url_patterns
    keep_loaded()
    gate.wait(held_at)
    main = os.getpid()

    def load(_target: str) -> Any:
        die_with_parent(main)
        return application

    Server(
        TARGET,
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=settings.WEB_PROCESSES,
        blocking_threads=settings.WEB_THREADS,
        blocking_threads_idle_timeout=600,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        log_dictconfig=settings.LOGGING,
        log_level=LogLevels.error,  # its warnings are about our many threads, which are meant
    ).serve(target_loader=load)


def keep_loaded() -> None:
    """What is loaded by now stays, so the collector need not go through it again and again; the
    workers, once forked, share it untouched."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def collect_static() -> None:
    """Copy, compress and name static files by content, where they changed since last time."""
    folder = Path(settings.STATIC_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        mark, now = folder / ".collected", _fingerprint()
        if not mark.exists() or mark.read_text() != now:
            call_command(
                "collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED_STATIC
            )
            mark.write_text(now)


def _fingerprint() -> str:
    """Changes when any static file of any app does."""
    digest = hashlib.sha256()
    for finder in get_finders():
        for path, storage in finder.list([]):
            found = Path(storage.path(path)).stat()
            digest.update(f"{path}:{found.st_size}:{found.st_mtime_ns}\n".encode())
    return digest.hexdigest()
