"""What the search listens to."""

import json
import logging
from base64 import b64encode

import pytest
from celery import Celery, Task
from django.db import connection
from kombu.serialization import dumps
from kombu.utils.uuid import uuid

from config import queue_tables
from config.celery import app as roster
from tests.tools.servers import echo_server


@pytest.fixture
def server(settings):
    """What a tool calls."""
    settings.ALLOW_PRIVATE_NETWORKS = True
    with echo_server() as running:
        yield running


@pytest.fixture
def logged():
    """All lines of the log, as a production machine writes them."""
    lines = []

    class Keep(logging.Handler):
        def emit(self, record):
            lines.append(f"{record.getMessage()} {record.exc_text or ''} {record.exc_info or ''}")

    keep = Keep(level=logging.INFO)
    logging.getLogger().addHandler(keep)
    yield lines
    logging.getLogger().removeHandler(keep)


@pytest.fixture
def messages(monkeypatch):
    """What was given to the queue, whether or not it got there."""
    sent = []

    def keep(name, args=None, kwargs=None, **options):
        sent.append((name, args or [], kwargs or {}))

    monkeypatch.setattr(Task, "apply_async", lambda self, *a, **k: keep(self.name, *a, **k))
    monkeypatch.setattr(Celery, "send_task", lambda self, *a, **k: keep(*a, **k))
    return sent


def put_into_queue(messages):
    """Into the queue's tables of this test's transaction, as Celery and Kombu write them; the
    first one goes on into the archive."""
    queue_tables.install()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pgmq.create('canaries')")
        for name, args, kwargs in messages:
            message = roster.amqp.as_task_v2(uuid(), name, args, kwargs)
            body = b64encode(dumps(message.body, serializer="json")[2].encode()).decode()
            written = {"body": body, "headers": message.headers, "properties": message.properties}
            cursor.execute("SELECT pgmq.send('canaries', %s::jsonb)", [json.dumps(written)])
        cursor.execute("SELECT pgmq.archive('canaries', min(msg_id)) FROM pgmq.q_canaries")
