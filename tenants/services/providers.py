"""Keeping accounts at model vendors."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction

from tenants import audit
from tenants.access import Access
from tenants.models import Provider, Secret


@transaction.atomic
def create_provider(
    access: Access,
    *,
    name: str,
    kind: str,
    base_url: str,
    secret: Secret | None,
    default_model: str,
) -> Provider:
    """A new account."""
    provider = Provider(
        name=name, kind=kind, base_url=base_url, secret=secret, default_model=default_model
    )
    access.add(provider)
    audit.record(access, "provider.created", provider, {"base_url": [None, base_url]})
    return provider


def update_provider(
    access: Access,
    provider: Provider,
    *,
    name: str,
    kind: str,
    base_url: str,
    secret: Secret | None,
    default_model: str,
    is_secret_confirmed: bool = False,
) -> Provider:
    """Change it. A new host needs the secret chosen again, or it would be sent to a stranger.

    Raises ValidationError on `secret` otherwise.
    """
    # As stored: a form has changed its instance before it comes here.
    stored = access.get(Provider, provider.pk, "change")
    moved = urlsplit(stored.base_url).netloc != urlsplit(base_url).netloc
    if moved and secret and secret.pk == stored.secret_id and not is_secret_confirmed:
        raise ValidationError({"secret": "The address has a new host: confirm the key for it."})
    with audit.changing(access, provider, "provider.updated"):
        provider.name, provider.kind, provider.base_url = name, kind, base_url
        provider.secret, provider.default_model = secret, default_model
        provider.save()
    return provider


@transaction.atomic
def delete_provider(access: Access, provider: Provider) -> None:
    """Remove it. Raises ProtectedError while an agent uses it."""
    audit.record(access, "provider.deleted", provider)
    provider.delete()
