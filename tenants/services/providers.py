"""Keeping accounts at model vendors."""

from __future__ import annotations

import hmac
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction

from tenants import audit, secrets
from tenants.access import Access
from tenants.models import Provider, Secret
from tenants.services.secrets import create_secret


@transaction.atomic
def create_provider(
    access: Access,
    *,
    name: str,
    kind: str,
    base_url: str,
    secret: Secret | None,
    default_model: str,
    key: str = "",
) -> Provider:
    """A new account. `key` is a key as typed: kept as a new secret, or the proof for `secret`.

    Raises ValidationError on `key` where a secret would go to a host that it was not given for.
    """
    provider = Provider(
        name=name,
        kind=kind,
        base_url=base_url,
        secret=_entrusted(access, name, base_url, secret, key),
        default_model=default_model,
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
    key: str = "",
) -> Provider:
    """Change it. Raises as `create_provider`."""
    with audit.changing(access, provider, "provider.updated"):
        provider.secret = _entrusted(access, name, base_url, secret, key)
        provider.name, provider.kind, provider.base_url = name, kind, base_url
        provider.default_model = default_model
        provider.save()
    return provider


@transaction.atomic
def delete_provider(access: Access, provider: Provider) -> None:
    """Remove it. Raises ProtectedError while an agent uses it."""
    audit.record(access, "provider.deleted", provider)
    provider.delete()


def _entrusted(
    access: Access, name: str, base_url: str, secret: Secret | None, key: str
) -> Secret | None:
    """The secret that may go to this address.

    A host that the secret does not go to yet gets it only from somebody who can type it: whoever
    may choose among secrets could otherwise send any of them to a server of their own.
    """
    if secret is None:
        return _kept(access, name, key) if key else None
    if _goes_there_already(access, secret, base_url):
        return secret
    if not hmac.compare_digest(secrets.reveal(secret).encode(), key.encode()):
        message = "This secret does not go to that host yet. Type its value to send it there."
        raise ValidationError({"key": message})
    return secret


def _goes_there_already(access: Access, secret: Secret, base_url: str) -> bool:
    users = access.visible(Provider).filter(secret=secret)
    return _origin(base_url) in {_origin(url) for url in users.values_list("base_url", flat=True)}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url.lower())
    return parts.scheme, parts.netloc


def _kept(access: Access, name: str, key: str) -> Secret:
    title = f"{name[:100]} key"
    if access.visible(Secret).filter(name=title).exists():
        message = f"There is a secret “{title}” already. Choose it, or rename it first."
        raise ValidationError({"key": message})
    return create_secret(access, name=title, value=key)
