"""The Celery application. Jobs are rows in the database; Celery only wakes a worker."""

import os

from celery import Celery
from kombu.transport import TRANSPORT_ALIASES

from config import broker

# Celery's switch against running Django's checks in every worker: they import all pages.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")  # noqa: TID251

TRANSPORT_ALIASES[broker.SCHEME] = "config.pgmq_transport:Transport"

app = Celery("roster")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
