"""`manage.py create_platform_admin ada@roster.example`: who looks after all organisations."""

from __future__ import annotations

import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from tenants.models import User

USAGE = 2


class Command(BaseCommand):
    """Gives the flag to an account, makes the account where there is none, or takes the flag."""

    help = "Make somebody platform admin; with --revoke, no longer."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", metavar="EMAIL")
        parser.add_argument("--name", default="")
        parser.add_argument("--revoke", action="store_true", help="take the right away")

    def handle(self, *args: Any, email: str, name: str, revoke: bool, **options: Any) -> None:
        email = email.strip().lower()
        try:
            validate_email(email)
        except ValidationError as error:
            raise CommandError(f"{email!r} is no e-mail address.", returncode=USAGE) from error
        user = User.objects.filter(email=email).first()
        if revoke:
            self._revoke(user, email)
        elif user is not None:
            _set(user, True)
            self.stdout.write(f"{email} is platform admin.")
        else:
            password = secrets.token_urlsafe(12)
            User.objects.create_superuser(email, password, name=name)
            self.stdout.write(f"{email} is platform admin, and signs in with this password,")
            self.stdout.write(f"shown once: {password}")

    def _revoke(self, user: User | None, email: str) -> None:
        if user is None or not user.is_platform_admin:
            raise CommandError(f"{email} is no platform admin.", returncode=USAGE)
        _set(user, False)
        self.stdout.write(f"{email} is platform admin no longer.")


def _set(user: User, is_platform_admin: bool) -> None:
    user.is_platform_admin = is_platform_admin
    user.save(update_fields=["is_platform_admin"])
