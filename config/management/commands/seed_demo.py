"""`manage.py seed_demo`: the demo organisation, with a published agent over sample documents."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from config import demo


class Command(BaseCommand):
    """Makes it once; run again, it changes nothing."""

    help = "Make the demo organisation (slug demo) if it is not there."

    def handle(self, *args: Any, **options: Any) -> None:
        made = demo.seed()
        if made.password:
            self.stdout.write(f"Sign in as {made.email} with the password {made.password}")
        else:
            self.stdout.write(f"{made.tenant} is there already; {made.email} keeps its password.")
