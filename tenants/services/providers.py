"""Keeping accounts at model vendors."""

from __future__ import annotations

import hmac
from enum import Enum, auto
from typing import Literal
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError

from tenants import audit, secrets, vendors
from tenants.access import Access
from tenants.models import Provider, Secret
from tenants.services.secrets import new_secret
from tenants.vendors import Trial


def test_provider(access: Access, provider: Provider) -> Trial:
    """Really connect, and note that it was tried. The call is outside the transaction."""
    trial = vendors.test(provider)
    told = {"ok": trial.ok, "cause": trial.cause} if trial.cause else {"ok": trial.ok}
    with audit.atomic():
        audit.record(access, "provider.tested", provider, told)
    return trial


def set_default_model(access: Access, provider: Provider, *, model: str) -> None:
    """What agents get that choose the provider and no model."""
    with audit.changing(access, provider, "provider.updated"):
        provider.default_model = model
        provider.save(update_fields=["default_model", "updated_at"])


class Keep(Enum):
    """Says that a provider keeps the secret that it has."""

    SECRET = auto()


@audit.atomic()
def create_provider(
    access: Access,
    *,
    name: str,
    kind: str,
    base_url: str,
    default_model: str,
    secret: Secret | Literal[Keep.SECRET] | None = Keep.SECRET,
    key: str = "",
) -> Provider:
    """A new account. `key` is a key as typed: kept as a new secret, or the proof for `secret`.

    Raises ValidationError on `key` where a secret would go to a host that it was not given for.
    """
    provider = Provider(
        tenant=access.tenant, name=name, kind=kind, base_url=base_url, default_model=default_model
    )
    provider.secret = _entrusted(access, provider, provider, secret, key)
    access.add(provider)
    told = {"base_url": base_url, "secret": provider.secret and str(provider.secret.pk)}
    changes = {name: [None, value] for name, value in told.items() if value}
    audit.record(access, "provider.created", provider, changes)
    return provider


def update_provider(
    access: Access,
    provider: Provider,
    *,
    name: str,
    kind: str,
    base_url: str,
    default_model: str,
    secret: Secret | Literal[Keep.SECRET] | None = Keep.SECRET,
    key: str = "",
    expected_version: str | None = None,
) -> Provider:
    """Change it. Raises as `create_provider`, and VersionMoved where it has moved on from the
    expected version."""
    with audit.changing(access, provider, "provider.updated", expected_version):
        before = Provider.unscoped.select_related("secret").get(pk=provider.pk)
        provider.name, provider.kind, provider.base_url = name, kind, base_url
        provider.default_model = default_model
        provider.secret = _entrusted(access, provider, before, secret, key)
        provider.validate()
        provider.save()
    return provider


@audit.atomic()
def delete_provider(access: Access, provider: Provider) -> None:
    """Remove it. Raises ProtectedError while an agent uses it."""
    audit.record(access, "provider.deleted", provider)
    provider.delete()


def _entrusted(
    access: Access,
    provider: Provider,
    before: Provider,
    secret: Secret | Literal[Keep.SECRET] | None,
    key: str,
) -> Secret | None:
    """The secret that may go to the provider's address.

    An origin that the secret does not go to yet gets it only from somebody who can type it:
    whoever may choose among secrets could otherwise send any of them to a server of their own.
    """
    if secret is Keep.SECRET:
        return _typed(access, provider.name, key) if key else _kept(provider, before)
    if secret is None:
        return _typed(access, provider.name, key) if key else None
    is_proven = bool(key) and hmac.compare_digest(secrets.reveal(secret).encode(), key.encode())
    if not is_proven and not _goes_there_already(access, secret, provider.base_url):
        message = "This secret does not go to that host yet. Type its value to send it there."
        raise ValidationError({"key": message})
    if key and not is_proven:
        message = (
            "This is not the value of the secret above. To use another key, choose “None” there;"
            " to give the secret another value, open it under Secrets."
        )
        raise ValidationError({"key": message})
    return secret


def _kept(provider: Provider, before: Provider) -> Secret | None:
    if before.secret and _origin(before.base_url) != _origin(provider.base_url):
        message = "The address has another host: type its key again to send it there."
        raise ValidationError({"key": message})
    return before.secret


def _goes_there_already(access: Access, secret: Secret, base_url: str) -> bool:
    users = access.visible(Provider).filter(secret=secret)
    return _origin(base_url) in {_origin(url) for url in users.values_list("base_url", flat=True)}


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url.lower())
    return parts.scheme, parts.netloc


def _typed(access: Access, name: str, key: str) -> Secret:
    """A new secret with the typed value. Who may keep providers may give one a key of its own."""
    stem = f"{name[:100]} key"
    taken = Secret.unscoped.filter(tenant=access.tenant, name__startswith=stem)
    names = set(taken.values_list("name", flat=True))
    numbered = (f"{stem} {number}" for number in range(2, len(names) + 3))
    title = stem if stem not in names else next(one for one in numbered if one not in names)
    return new_secret(access, name=title, value=key)
