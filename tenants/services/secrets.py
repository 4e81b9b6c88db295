"""Keeping secrets: set, replace, delete; never read."""

from __future__ import annotations

from django.db import transaction

from tenants import audit, secrets
from tenants.access import Access
from tenants.models import Secret


@transaction.atomic
def create_secret(access: Access, *, name: str, value: str) -> Secret:
    """A new sealed value."""
    secret = Secret(name=name, tenant=access.tenant)
    secrets.seal(secret, value)
    access.add(secret)
    audit.record(access, "secret.created", secret, {"value": "changed"})
    return secret


def replace_secret(access: Access, secret: Secret, *, name: str, value: str = "") -> Secret:
    """Rename it and, where a value is given, put that in place of the old one."""
    with audit.changing(access, secret, "secret.updated"):
        secret.name = name
        if value:
            secrets.seal(secret, value)
        secret.save()
    return secret


@transaction.atomic
def delete_secret(access: Access, secret: Secret) -> None:
    """Remove it. Raises ProtectedError while something uses it."""
    audit.record(access, "secret.deleted", secret)
    secret.delete()
