"""`manage.py check_env`: everything that is wrong with the configuration, at once."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config import surroundings
from config.refusing import refuse


class Command(BaseCommand):
    """Malformed variables are listed before any command runs, this one too."""

    help = "List every problem of the configuration; exit status 2 where there is one."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        # The embedded install makes its secrets itself.
        found = surroundings.find_problems(needs_secrets=not settings.IS_EMBEDDED)
        refuse([*found, *surroundings.mail_problems()])
        self.stdout.write("The configuration is complete.")
