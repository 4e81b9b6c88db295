"""Is the process alive, and can the portal do its work? Each part named, for people and probes."""

from collections.abc import Callable
from datetime import timedelta
from functools import cache
from importlib.util import find_spec
from pkgutil import iter_modules

import structlog
from celery import current_app
from django.apps import apps
from django.db import DatabaseError, connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError

from config.models import WorkerHeartbeat

log = structlog.get_logger(__name__)

QUEUES = ("runs", "knowledge")
SILENCE = timedelta(seconds=30)


class NotReady(Exception):
    """A part can't work; the message is public, so it says no addresses."""


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Alive: the process answers. Asks nobody else."""
    return JsonResponse({"status": "ok"})


@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """Ready: every part works. 503 and the part's name otherwise."""
    parts = {name: _state(check) for name, check in CHECKS.items()}
    is_ready = all(state == "ok" for state in parts.values())
    return JsonResponse(
        {"status": "ok" if is_ready else "unavailable", "checks": parts},
        status=200 if is_ready else 503,
    )


def _state(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as reason:
        return str(reason)
    except (DatabaseError, OperationalError, OSError) as error:
        log.warning("readyz.failed", check=check.__name__, error=str(error))
        return "does not answer"
    return "ok"


def check_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def check_migrations() -> None:
    if missing := missing_migrations():
        raise NotReady(f"{len(missing)} not applied; run `manage.py migrate`")


def check_queue() -> None:
    with current_app.connection_for_write() as queue:
        queue.ensure_connection(max_retries=1, interval_start=0, timeout=2)


def check_worker() -> None:
    alive = WorkerHeartbeat.objects.filter(seen_at__gt=Now() - SILENCE)
    silent = set(QUEUES) - set(alive.values_list("queue", flat=True))
    if silent:
        raise NotReady(f"no worker for {', '.join(sorted(silent))}")


CHECKS: dict[str, Callable[[], None]] = {
    "database": check_database,
    "migrations": check_migrations,
    "queue": check_queue,
    "worker": check_worker,
}
VIEWS: dict[str, Callable[[HttpRequest], HttpResponse]] = {"/healthz": healthz, "/readyz": readyz}


def missing_migrations() -> set[tuple[str, str]]:
    """The migrations, as (app, name), that this database has yet to see."""
    return set(_migrations_on_disk() - set(MigrationRecorder(connection).applied_migrations()))


@cache
def _migrations_on_disk() -> frozenset[tuple[str, str]]:
    """By the names of their files: loading a hundred modules takes long."""
    found = ((app.label, f"{app.name}.migrations") for app in apps.get_app_configs())
    return frozenset(
        (label, module.name)
        for label, package in found
        if (spec := find_spec(package))
        for module in iter_modules(spec.submodule_search_locations or ())
        if module.name[0] not in "_~"
    )
