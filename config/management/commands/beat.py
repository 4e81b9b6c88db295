"""`manage.py beat`: the clock that starts what is due. One per portal."""

from typing import Any

from django.core.management.base import BaseCommand

from config import surroundings
from config.celery import app
from config.refusing import refuse


class Command(BaseCommand):
    help = "Start what is due, such as looking after lost jobs. Run exactly one."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        refuse(surroundings.find_problems(needs_secrets=True))
        app.Beat(quiet=True).run()
