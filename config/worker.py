"""A worker process: takes jobs of one queue, says that it lives, and stops within bounds."""

import os
import socket
import threading
import time
import warnings
from datetime import timedelta
from functools import partial
from typing import Any

import psutil
import structlog
from celery import signals
from celery.exceptions import SecurityWarning
from celery.worker import state
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models.functions import Now

from config import gate
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


def serve(queue: str, *, held_at: int | None = None) -> int:
    """Work until told to stop; the exit status. `held_at` a gate, it begins when that is open."""
    # Celery warns root because of pickled messages; ours are JSON.
    warnings.simplefilter("ignore", SecurityWarning)
    signals.setup_logging.connect(_keep_our_logging)
    signals.worker_shutting_down.connect(_stop_within_bounds)
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
    signals.worker_ready.connect(partial(_live, name, queue), weak=False)
    gate.wait(held_at)
    worker.start()
    return int(worker.exitcode or 0)


def _live(name: str, queue: str, **_kwargs: Any) -> None:
    """From the moment it takes work, say every few seconds that this worker lives."""

    def beat() -> None:
        while True:
            _say_alive(name, queue)
            time.sleep(HEARTBEAT_SECONDS)

    log.info("worker.ready", queue=queue)
    threading.Thread(target=beat, name="heartbeat", daemon=True).start()


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
    WorkerHeartbeat.objects.filter(name=name).delete()
    WorkerHeartbeat.objects.filter(seen_at__lt=Now() - FORGET_AFTER).delete()


def _keep_our_logging(**_kwargs: Any) -> None:
    """Celery leaves logging alone when somebody answers this."""


def _stop_within_bounds(sender: str, **_kwargs: Any) -> None:
    """Celery's own shutdown waits for running work without end, and dawdles without any."""
    threading.Thread(target=_stop, args=(sender,), name="stop", daemon=True).start()


def _stop(name: str) -> None:
    """Let running work finish for a while, give the rest back to the queue, and end."""
    deadline = time.monotonic() + SHUTDOWN_SECONDS
    while state.active_requests and time.monotonic() < deadline:
        time.sleep(0.05)
    try:
        if state.active_requests:
            log.warning("worker.interrupted", given_back=len(state.active_requests))
            _give_work_back()
        _say_gone(name)
    except DatabaseError as error:
        # Away as well; the reconciler takes the jobs back when their leases run out.
        log.warning("worker.gave_nothing_back", error=str(error))
    finally:
        os._exit(0)  # what still runs in threads has lost its lease; pool processes go with us


def _give_work_back() -> None:
    processes = _pool_processes()
    for process in processes:
        process.terminate()  # raises SystemExit in its job, which then gives itself back
    jobs.give_back_held()
    psutil.wait_procs(processes, timeout=LAST_WORDS_SECONDS)


def _pool_processes() -> list[psutil.Process]:
    return psutil.Process().children()
