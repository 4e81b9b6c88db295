"""A worker process: takes jobs of one queue, says that it lives, and stops within bounds."""

import os
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psutil
import structlog
from celery import signals
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from config.celery import app
from config.models import WorkerHeartbeat
from tenants import jobs

log = structlog.get_logger(__name__)

# Runs wait on networks, so they share a process; reading documents needs the processor.
POOLS = {"runs": "threads", "knowledge": "prefork"}
HEARTBEAT_SECONDS = 5.0
FORGET_AFTER = timedelta(days=1)
# What still works after this is put back into the queue; a supervisor's patience is longer.
SHUTDOWN_SECONDS = 6.0
LAST_WORDS_SECONDS = 2.0


def serve(queue: str) -> int:
    """Work until told to stop; the exit status."""
    signals.setup_logging.connect(_keep_our_logging)
    signals.worker_process_init.connect(_answer_to_termination)
    signals.worker_shutting_down.connect(_bound_the_shutdown)
    name = f"{queue}@{socket.gethostname()}.{os.getpid()}"
    worker = app.Worker(
        hostname=name,
        queues=[queue],
        pool=POOLS[queue],
        concurrency=settings.WORKER_CONCURRENCY[queue],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    with _heartbeat(name, queue):
        worker.start()
    return int(worker.exitcode or 0)


@contextmanager
def _heartbeat(name: str, queue: str) -> Iterator[None]:
    """Say every few seconds that this worker lives, from the moment it takes work."""
    stopping = threading.Event()

    def beat() -> None:
        while not stopping.wait(HEARTBEAT_SECONDS):
            _say_alive(name, queue)

    def begin(**_kwargs: Any) -> None:
        log.info("worker.ready", queue=queue)
        _say_alive(name, queue)
        threading.Thread(target=beat, name="heartbeat", daemon=True).start()

    signals.worker_ready.connect(begin, weak=False)
    try:
        yield
    finally:
        stopping.set()
        _say_gone(name)


def _say_alive(name: str, queue: str) -> None:
    try:
        WorkerHeartbeat.objects.bulk_create(
            [WorkerHeartbeat(name=name, queue=queue, seen_at=Now())],
            update_conflicts=True,
            unique_fields=["name"],
            update_fields=["seen_at"],
        )
    except DatabaseError as error:
        log.warning("worker.heartbeat_failed", error=str(error))
    finally:
        connection.close()


def _say_gone(name: str) -> None:
    try:
        WorkerHeartbeat.objects.filter(name=name).delete()
        WorkerHeartbeat.objects.filter(seen_at__lt=Now() - FORGET_AFTER).delete()
    except DatabaseError as error:
        log.warning("worker.heartbeat_failed", error=str(error))


def _keep_our_logging(**_kwargs: Any) -> None:
    """Celery leaves logging alone when somebody answers this."""


def _answer_to_termination(**_kwargs: Any) -> None:
    """In a pool process: being told to end interrupts the work, which gives its job back."""

    def interrupt(_number: int, _frame: object) -> None:
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, interrupt)


def _bound_the_shutdown(**_kwargs: Any) -> None:
    """Celery waits for running work without end; this doesn't."""
    deadline = threading.Timer(SHUTDOWN_SECONDS, _give_work_back)
    deadline.daemon = True
    deadline.start()


def _give_work_back() -> None:
    """Put unfinished jobs back for another worker, then end at once."""
    log.warning("worker.interrupted", unfinished="given back")
    for process in psutil.Process().children():
        process.terminate()
    jobs.give_back_held()
    psutil.wait_procs(psutil.Process().children(), timeout=LAST_WORDS_SECONDS)
    os._exit(0)  # the threads that still work have lost their leases
