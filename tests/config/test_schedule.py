"""What beat starts exists, goes to a queue that somebody works on, and doesn't pile up."""

import pytest
from django.conf import settings

from config.celery import app
from config.worker import POOLS


@pytest.mark.parametrize("name", settings.CELERY_BEAT_SCHEDULE)
def test_what_is_due_is_known_and_expires_before_it_is_due_again(name):
    entry = settings.CELERY_BEAT_SCHEDULE[name]
    app.loader.import_default_modules()

    assert entry["task"] in app.tasks
    assert entry["options"]["queue"] in POOLS
    assert entry["options"]["expires"] <= entry["schedule"]
