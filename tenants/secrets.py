"""Sealing of secrets: AES-256-GCM, bound to tenant, model, row and field.

The operator's keys come from ROSTER_SECRET_KEYS, newest first; the first seals, all of them open.
A sealed value is `nonce (12 bytes) || ciphertext || tag (16 bytes)` (NIST SP 800-38D).
"""

from __future__ import annotations

import base64
import os
from datetime import timedelta
from functools import cache

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.utils import timezone

from tenants.models import Secret

NONCE_BYTES = 12
KEY_BYTES = 32
# Shorter values show nothing of themselves: four characters would be a good part of them.
SHOW_END_FROM = 16
# A busy secret's row is touched at most this often.
LAST_USE_STEP = timedelta(minutes=1)


@cache
def _keys(configured: str) -> dict[str, AESGCM]:
    keys: dict[str, AESGCM] = {}
    for part in filter(None, configured.split(",")):
        key_id, _, encoded = part.partition(":")
        raw = base64.b64decode(encoded)
        if len(raw) != KEY_BYTES:
            raise ImproperlyConfigured(f"ROSTER_SECRET_KEYS: key {key_id!r} is not 32 bytes long.")
        keys[key_id] = AESGCM(raw)
    if not keys:
        raise ImproperlyConfigured("ROSTER_SECRET_KEYS holds no key.")
    return keys


def newest_key_id() -> str:
    """The operator's key that seals now."""
    return next(iter(_keys(settings.SECRET_KEYS)))


def place_of(secret: Secret) -> str:
    """What a secret's value is bound to."""
    return f"{secret.tenant_id}|tenants.secret|{secret.pk}|sealed"


def seal(secret: Secret, plaintext: str) -> None:
    """Put a value into the row, unsaved. The row must have its tenant."""
    secret.key_id, secret.sealed = seal_bytes(plaintext.encode(), place_of(secret))
    secret.ends_in = plaintext[-4:] if len(plaintext) >= SHOW_END_FROM else ""


def seal_bytes(plain: bytes, bound_to: str) -> tuple[str, bytes]:
    """The id of the operator's key and the sealed bytes, which open at the same place only."""
    key_id, key = next(iter(_keys(settings.SECRET_KEYS).items()))
    nonce = os.urandom(NONCE_BYTES)
    return key_id, nonce + key.encrypt(nonce, plain, bound_to.encode())


def open_bytes(key_id: str, sealed: bytes, bound_to: str) -> bytes:
    """What `seal_bytes` sealed. Raises as `reveal`."""
    key = _keys(settings.SECRET_KEYS)[key_id]
    return key.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to.encode())


def reveal(secret: Secret) -> str:
    """The value, for the moment of use; notes the time of use.

    Raises cryptography's InvalidTag for a row that was copied from elsewhere or altered, and
    KeyError when the key that sealed it is no longer configured.
    """
    plain = open_bytes(secret.key_id, bytes(secret.sealed), place_of(secret))
    now = timezone.now()
    if secret.last_used_at is None or now - secret.last_used_at > LAST_USE_STEP:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - LAST_USE_STEP)
        Secret.unscoped.filter(stale, pk=secret.pk).update(last_used_at=now)
    return plain.decode()


def seal_text(text: str, place: str) -> str:
    """Seal what stands in a table that is not ours, as `key id:base64`, bound to its place."""
    key_id, sealed = seal_bytes(text.encode(), place)
    return f"{key_id}:{base64.b64encode(sealed).decode()}"


def open_text(sealed: str, place: str) -> str:
    """The text again. Raises InvalidTag and KeyError as `reveal`."""
    key_id, _, encoded = sealed.partition(":")
    return open_bytes(key_id, base64.b64decode(encoded), place).decode()
