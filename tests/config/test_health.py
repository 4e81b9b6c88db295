"""/healthz says that the process lives; /readyz names each part that the work needs."""

from datetime import timedelta

import pytest
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.utils import timezone
from kombu.exceptions import OperationalError

from config import health
from config.models import WorkerHeartbeat


@pytest.fixture
def workers(db):
    """One living worker for each queue."""
    return [WorkerHeartbeat.objects.create(name=f"{q}@here", queue=q) for q in health.QUEUES]


@pytest.fixture
def queue(monkeypatch):
    """The queue answers; this file isn't about it."""
    monkeypatch.setitem(health.CHECKS, "queue", lambda: None)


def readyz():
    response = Client().get("/readyz")
    return response.status_code, response.json()["checks"]


def test_alive_asks_nobody():
    response = Client().get("/healthz")

    assert (response.status_code, response.json()) == (200, {"status": "ok"})


def test_ready_when_every_part_works(workers, queue):
    assert readyz() == (
        200,
        {"database": "ok", "migrations": "ok", "queue": "ok", "worker": "ok"},
    )


def test_a_silent_worker_is_named(workers, queue):
    WorkerHeartbeat.objects.filter(queue="knowledge").update(
        seen_at=timezone.now() - timedelta(seconds=31)
    )

    status, checks = readyz()

    assert (status, checks["worker"]) == (503, "no worker for knowledge")


def test_a_missing_migration_is_named_with_its_remedy(workers, queue):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")

    status, checks = readyz()

    assert (status, checks["migrations"]) == (503, "1 not applied; run `manage.py migrate`")


def test_a_queue_that_is_away_is_named_without_its_address(workers, monkeypatch):
    def away():
        raise OperationalError("redis://:hunter2@queue.internal:6379 refused")

    monkeypatch.setitem(health.CHECKS, "queue", away)

    status, checks = readyz()

    assert (status, checks["queue"]) == (503, "does not answer")


def test_a_database_that_is_away_is_named(queue, monkeypatch, django_db_blocker):
    def away(*args, **kwargs):
        raise OSError("no route to host")

    for part in ("database", "migrations", "worker"):
        monkeypatch.setitem(health.CHECKS, part, away)

    status, checks = readyz()

    assert (status, checks["database"]) == (503, "does not answer")


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_may_ask_by_address_and_without_tls(path, workers, queue, settings):
    settings.SECURE_SSL_REDIRECT = True

    response = Client().get(path, headers={"host": "10.1.2.3:8000"})

    assert response.status_code == 200


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_a_probe_only_reads(path):
    assert Client().post(path).status_code == 405


def test_the_migrations_looked_for_are_those_that_django_loads():
    assert health._migrations_on_disk() == frozenset(MigrationLoader(None).disk_migrations)
