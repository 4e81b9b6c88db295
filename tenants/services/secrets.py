"""Keeping secrets: set, replace, delete; never read."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone

from tenants import audit, secret_users, secrets
from tenants.access import Access
from tenants.models import Secret
from tenants.usage import InUse


@audit.atomic()
def create_secret(
    access: Access, *, name: str, value: str, held_for: str = Secret.HeldFor.PROVIDER
) -> Secret:
    """A new sealed value. Raises PermissionDenied without the right to keep secrets."""
    access.require("manage_secrets")
    secret = new_secret(access, name=name, value=value, held_for=held_for)
    audit.record(access, "secret.created", secret, {"value": "changed"})
    return secret


def new_secret(
    access: Access, *, name: str, value: str, held_for: str = Secret.HeldFor.PROVIDER
) -> Secret:
    """The same for a service that has checked its own right, inside its transaction, and tells the
    log of what it made the secret for."""
    secret = Secret(name=name, held_for=held_for, tenant=access.tenant, created_by=access.user)
    secrets.seal(secret, value)
    secret.save(force_insert=True)
    return secret


def replace_secret(
    access: Access,
    secret: Secret,
    *,
    name: str = "",
    value: str = "",
    expected_version: str | None = None,
) -> Secret:
    """Rename it and, where a value is given, put that in place of the old one.

    Raises ValidationError where the name is taken, and VersionMoved where it has moved on from the
    expected version.
    """
    with audit.changing(access, secret, "secret.updated", expected_version):
        secret.name = name or secret.name
        secret.validate()
        if value:
            secrets.seal(secret, value)
            secret.replaced_at, secret.replaced_by = timezone.now(), access.user
            secret.save()
        else:
            # Not the value: it may have been sealed anew since this row was read.
            secret.save(update_fields=["name", "updated_at"])
            secret.refresh_from_db()
    return secret


@audit.atomic()
def delete_secret(access: Access, secret: Secret) -> None:
    """Remove it. Raises InUse, which names its users, while something uses it."""
    Secret.unscoped.select_for_update().get(pk=secret.pk)  # whoever would refer to it waits
    users = secret_users.of(access, [secret])[secret.pk]
    if users.count:
        why = "which would be left without it"
        raise InUse(secret, users.seen, hidden=users.hidden, why=why)
    audit.record(access, "secret.deleted", secret)
    secret.delete()


def seal_for_tool(access: Access, *, tool_id: UUID, origin: str, value: str) -> Secret:
    """A tool's own secret for one origin, with this value; the caller notes it in the log.

    An origin has a row of its own: published agents refer to rows, so a secret that was typed for
    a new address must not reach those that still call the old one. The same origin keeps its row:
    a secret that was renewed is renewed for the published agents, too.
    """
    # Not `access.add`: who may change a tool may give it a secret of its own.
    own = {"tenant": access.tenant, "held_for": Secret.HeldFor.TOOL, "holder": tool_id}
    known = Secret.unscoped.filter(**own, origin=origin).select_for_update().first()
    secret = known or Secret(**own, origin=origin, name="Key of a tool", created_by=access.user)
    if known:
        known.replaced_at, known.replaced_by = timezone.now(), access.user
    secrets.seal(secret, value)
    secret.save()
    return secret


def delete_secrets_of_tool(access: Access, tool_id: UUID) -> None:
    """All that a tool ever had, for whichever address."""
    own = Secret.unscoped.filter(tenant=access.tenant, held_for=Secret.HeldFor.TOOL)
    own.filter(holder=tool_id).delete()
