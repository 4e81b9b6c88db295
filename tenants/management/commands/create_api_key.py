"""`manage.py create_api_key --tenant acme --role editor`: a key for programs, shown once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from tenants import services
from tenants.access import Access
from tenants.models import Role, Tenant, User


class Command(BaseCommand):
    """Makes a service account with the role, and a key in its name."""

    help = "Make an API key; it is printed once, alone on the last line."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--role", required=True, metavar="ROLE")
        parser.add_argument("--name", default="Command line")

    def handle(self, *args: Any, tenant: str, role: str, name: str, **options: Any) -> None:
        found = Tenant.objects.filter(slug=tenant).first()
        if found is None:
            known = ", ".join(Tenant.objects.values_list("slug", flat=True)) or "none yet"
            raise CommandError(f"There is no tenant {tenant!r}. There are: {known}.", returncode=2)
        if not Role.unscoped.filter(tenant=found, slug=role).exists():
            known = ", ".join(Role.unscoped.filter(tenant=found).values_list("slug", flat=True))
            raise CommandError(f"There is no role {role!r}. There are: {known}.", returncode=2)
        # What is logged of it comes with the commit, so before the key.
        with transaction.atomic():
            access = _service_account(found, role)
            _, token = services.create_api_key(access, name=name, scopes=access.capabilities)
        self.stdout.write(f"A key for {found} with the rights of its {access.role}, shown once:")
        self.stdout.write(token)


def _service_account(tenant: Tenant, role: str) -> Access:
    """A person without a password, one for each tenant and role."""
    email = f"{role}@service.{tenant.slug}.invalid"
    user = User.objects.filter(email=email).first()
    if user is None:
        user = User.objects.create_user(email, name=f"{role.capitalize()} service account")
    services.add_member(tenant, user, role=role)
    return Access.of(user, tenant.slug)
