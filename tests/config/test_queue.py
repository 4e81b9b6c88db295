"""The queue in PostgreSQL: set up once, quick when it works, never in the way when it doesn't."""

import time

import pytest
from celery import Celery
from django.db import connection
from kombu import pools
from kombu.exceptions import OperationalError

from config import broker, pgmq_transport, queue_tables
from config.celery import app as roster


def application(url, **options):
    """A Celery application that uses the queue of this URL as Roster does."""
    app = Celery("test", broker=url, set_as_current=False)
    app.conf.update(
        broker_transport_options={**broker.transport_options(url), **options},
        broker_connection_timeout=roster.conf.broker_connection_timeout,
        task_ignore_result=True,
    )
    return app


@pytest.fixture
def queue(transactional_db, settings):
    """The queue in the database of this test."""
    parameters = connection.get_connection_params()
    host = parameters["host"].replace("/", "%2F")
    settings.CELERY_BROKER_URL = f"pgmq://{parameters['user']}@/{parameters['dbname']}?host={host}"
    queue_tables.install()
    # A busy machine may take longer to connect than an asker would wait.
    yield application(settings.CELERY_BROKER_URL, pool_timeout=15)
    pools.reset()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgmq.drop_queue(queue_name) FROM pgmq.meta")


def test_a_message_is_received_and_gone_once_acknowledged(queue):
    queue.send_task("tests.hello", args=["you"], queue="runs")

    with queue.connection_for_read() as line, line.SimpleQueue("runs") as inbox:
        message = inbox.get(timeout=5)
        message.ack()

        assert message.headers["task"] == "tests.hello"
        assert inbox.qsize() == 0


def test_a_waiting_worker_hears_of_a_message_at_once(queue):
    with queue.connection_for_read() as line, line.SimpleQueue("runs") as inbox:
        queue.send_task("tests.hello", queue="runs")
        inbox.get(timeout=5).ack()

        queue.send_task("tests.hello", queue="runs")
        queue.send_task("tests.hello", queue="runs")

        assert [inbox.get(timeout=5).headers["task"] for _ in range(2)] == ["tests.hello"] * 2


def test_setting_up_again_changes_nothing(queue):
    queue.send_task("tests.hello", queue="runs")

    queue_tables.install()

    with queue.connection_for_read() as line, line.SimpleQueue("runs") as inbox:
        assert inbox.qsize() == 1


def test_a_queue_that_was_dropped_is_made_again(queue):
    queue.send_task("tests.hello", queue="runs")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgmq.drop_queue('runs')")

    queue.send_task("tests.hello", queue="runs")

    with queue.connection_for_read() as line, line.SimpleQueue("runs") as inbox:
        assert inbox.qsize() == 1


def test_a_queue_whose_tables_are_gone_is_a_queue_that_is_away(queue):
    queue.send_task("tests.hello", queue="runs")
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA pgmq CASCADE")

    with pytest.raises(OperationalError):
        queue.send_task("tests.hello", queue="runs")
    queue_tables.install()


def test_the_queue_is_where_the_url_says_whatever_database_url_says(queue, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://nobody@/nowhere?host=/nowhere")

    queue.send_task("tests.hello", queue="runs")


def has_tables():
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pgmq.meta') IS NOT NULL")
        return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("url", "are_wanted"), [("redis://queue:6379/0", False), ("pgmq://here/roster", True)]
)
def test_tables_are_made_only_for_the_queue_in_postgres(db, settings, url, are_wanted):
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS pgmq CASCADE")
    settings.CELERY_BROKER_URL = url

    queue_tables.install()

    assert has_tables() is are_wanted


def test_asking_for_work_does_not_wait_for_a_queue_that_is_away(tmp_path):
    app = application(f"pgmq://roster@/roster?host={str(tmp_path).replace('/', '%2F')}")

    started = time.monotonic()
    with pytest.raises(OperationalError):
        app.send_task("tests.hello", queue="runs", retry=False)

    assert time.monotonic() - started < 10  # the pool would wait for 30 by itself
    pools.reset()


def test_what_could_not_connect_leaves_no_pool_behind(tmp_path, monkeypatch):
    made = []

    class Pool(pgmq_transport.ConnectionPool):
        def __init__(self, *args, **options):
            super().__init__(*args, **options)
            made.append(self)

    monkeypatch.setattr(pgmq_transport, "ConnectionPool", Pool)
    app = application(f"pgmq://roster@/roster?host={str(tmp_path).replace('/', '%2F')}")

    with pytest.raises(OperationalError):
        app.send_task("tests.hello", queue="runs", retry=False)

    assert made
    assert all(pool.closed for pool in made)
    pools.reset()


def test_log_lines_name_the_queue_without_its_account():
    line = roster.connection_for_write("pgmq://roster:hunter2@db:5432/roster")

    assert line.as_uri() == "pgmq://db:5432/roster"
