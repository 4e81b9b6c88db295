"""`manage.py reset_second_factor kim@example.org`: somebody has lost phone, passkeys and codes."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from tenants import services
from tenants.models import User


class Command(BaseCommand):
    """Takes them off the account. Whoever runs it has made sure who is asking."""

    help = "Remove authenticator app, passkeys and recovery codes of an account; end its sessions."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("email", metavar="EMAIL", help="whose account")

    def handle(self, *args: Any, email: str, **options: Any) -> None:
        person = User.objects.filter(email=email.strip().lower()).first()
        if person is None:
            raise CommandError(f"There is no account for {email}.")
        removed = services.reset_second_factor(person, by="manage.py reset_second_factor")
        if not removed:
            self.stdout.write(f"{person.email} has no second factor; nothing was changed.")
            return
        told = ", ".join(f"{kind}: {number}" for kind, number in sorted(removed.items()))
        self.stdout.write(f"Removed from {person.email}: {told}. All sessions are ended.")
