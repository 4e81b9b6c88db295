"""What the search listens to."""

import logging

import pytest
from celery import Celery, Task

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
    monkeypatch.setattr(Task, "apply_async", lambda self, *a, **k: sent.append((self.name, a, k)))
    monkeypatch.setattr(Celery, "send_task", lambda self, *a, **k: sent.append((a, k)))
    return sent
