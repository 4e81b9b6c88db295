"""A worker says that it lives, and gives back what it can't finish."""

import sys
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError
from django.utils import timezone

from config import surroundings, worker
from config.management.commands import worker as command
from config.models import WorkerHeartbeat
from config.supervisor import Program
from tenants import jobs
from tenants.jobs import kinds
from tests.factories.tenants import JobFactory

KIND = "tests.work"


@pytest.fixture
def job(tenant, editor, monkeypatch):
    monkeypatch.setitem(kinds.KINDS, KIND, kinds.Kind(KIND, "knowledge", None))
    return JobFactory(tenant=tenant, created_by=editor, kind=KIND)


def after(job):
    job.refresh_from_db()
    return job


@pytest.fixture
def ending(monkeypatch):
    """The worker's last steps without the end of the process."""
    ended = []
    monkeypatch.setattr(worker.os, "_exit", ended.append)
    monkeypatch.setattr(worker, "SHUTDOWN_SECONDS", 0)
    # The children of a test run are its database and its browser.
    monkeypatch.setattr(worker, "_pool_processes", list)
    return ended


def test_a_living_worker_is_seen_again_and_again(transactional_db):
    worker._say_alive("runs@here", "runs")
    WorkerHeartbeat.objects.update(seen_at=timezone.now() - timedelta(minutes=1))

    worker._say_alive("runs@here", "runs")

    (seen,) = WorkerHeartbeat.objects.all()
    assert timezone.now() - seen.seen_at < timedelta(seconds=30)


def test_a_heartbeat_survives_a_database_that_is_away(monkeypatch, db):
    def away(*args, **kwargs):
        raise DatabaseError("away")

    monkeypatch.setattr(WorkerHeartbeat.objects, "bulk_create", away)
    monkeypatch.setattr(worker.connection, "close", lambda: None)

    worker._say_alive("runs@here", "runs")


def test_a_worker_that_ends_is_forgotten_with_those_that_never_said_goodbye(db, ending):
    WorkerHeartbeat.objects.create(name="runs@here", queue="runs")
    WorkerHeartbeat.objects.create(name="runs@there", queue="runs")
    WorkerHeartbeat.objects.create(
        name="runs@gone", queue="runs", seen_at=timezone.now() - timedelta(days=2)
    )

    worker._stop("runs@here")

    assert list(WorkerHeartbeat.objects.values_list("name", flat=True)) == ["runs@there"]
    assert ending == [0]


def test_unfinished_jobs_are_given_back_when_a_worker_ends(job, ending, monkeypatch):
    monkeypatch.setattr(worker.state, "active_requests", {"a request"})

    def stop_meanwhile(lease):
        worker._stop("knowledge@here")
        lease.check()

    jobs.perform(job.pk, stop_meanwhile)

    assert (after(job).status, job.attempt, job.lease_until) == ("queued", 0, None)
    assert ending == [0]


def test_a_pool_process_that_is_told_to_end_gives_its_job_back(transactional_db, job, monkeypatch):
    def interrupted(lease):
        raise SystemExit

    with pytest.raises(SystemExit):
        jobs.perform(job.pk, interrupted)

    assert (after(job).status, job.attempt) == ("queued", 0)


def test_a_job_that_was_given_back_is_done_by_the_next_worker(transactional_db, job):
    def interrupted(lease):
        raise SystemExit

    with pytest.raises(SystemExit):
        jobs.perform(job.pk, interrupted)

    jobs.perform(job.pk, lambda lease: None)

    assert (after(job).status, job.attempt) == ("done", 1)


def test_a_worker_ends_even_when_the_database_is_away(ending, monkeypatch):
    def away(name):
        raise DatabaseError("away")

    monkeypatch.setattr(worker, "_say_gone", away)

    worker._stop("runs@here")

    assert ending == [0]


def test_all_workers_together_end_as_they_are_told(monkeypatch, capfd):
    telling = "import os, signal, time; os.kill(os.getppid(), signal.SIGTERM); time.sleep(60)"
    crew = [Program("runs", [sys.executable, "-c", telling])]
    monkeypatch.setattr(command, "workers", lambda: crew)
    monkeypatch.setattr(surroundings, "find_problems", lambda **_: [])

    call_command("worker")

    assert capfd.readouterr().out == "roster    │ the workers stopped (SIGTERM)\n"
