"""`manage.py create_tenant --name Acme --slug acme --owner ada@acme.example`."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email

from tenants import services
from tenants.models import User

USAGE = 2


class Command(BaseCommand):
    """Makes an organisation with its built-in roles, and an owner or an invitation for one."""

    help = "Make an organisation. Its owner is invited by mail; a platform admin owns it at once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", required=True)
        parser.add_argument("--slug", required=True, help="as in /t/acme/")
        parser.add_argument("--owner", required=True, metavar="EMAIL")
        parser.add_argument("--time-zone", default="UTC", metavar="ZONE")

    def handle(
        self, *args: Any, name: str, slug: str, owner: str, time_zone: str, **options: Any
    ) -> None:
        try:
            validate_email(owner)
        except ValidationError as error:
            raise CommandError(
                f"--owner: {owner!r} is no e-mail address.", returncode=USAGE
            ) from error
        try:
            tenant, invitation = services.found_tenant(
                None,
                name=name,
                slug=slug,
                time_zone=time_zone,
                email=owner,
                base_url=_base_url(owner),
            )
        except ValidationError as error:
            raise CommandError(_told(error), returncode=USAGE) from error
        self.stdout.write(f"{tenant} is at /t/{tenant.slug}/.")
        if invitation is None:
            self.stdout.write(f"{owner} owns it.")
        elif invitation.sent_at:
            self.stdout.write(f"{owner} is invited by mail.")
        else:
            told = "but the mail server did not take the invitation of"
            raise CommandError(f"{tenant} is there, {told} {owner}.", returncode=1)


def _base_url(owner: str) -> str:
    """Where the invitation leads. A platform admin needs none."""
    admins = User.objects.filter(is_platform_admin=True, email=owner.strip().lower())
    if settings.ROSTER_URL or admins.exists():
        return str(settings.ROSTER_URL)
    if settings.ROSTER_ENV == "production":
        problem = "ROSTER_URL is missing: the invitation would lead nowhere. Set it."
        raise CommandError(problem, returncode=USAGE)
    return "http://localhost:8000"


def _told(error: ValidationError) -> str:
    """Each problem with the option that it is about."""
    options = {"email": "--owner", "time_zone": "--time-zone"}
    return "\n".join(
        f"{options.get(field, f'--{field}')}: {message}"
        for field, messages in error.message_dict.items()
        for message in messages
    )
