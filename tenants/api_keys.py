"""API keys: `rst_<public id>_<secret><checksum>`, of which only a hash is kept.

The checksum (CRC-32, base 62, 6 digits) lets scanners and this portal tell a key from noise
without asking the database, as GitHub's tokens do.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import string
import zlib
from datetime import datetime, timedelta

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from tenants.access import Access
from tenants.addresses import Address, is_within
from tenants.models import ApiKey

PREFIX = "rst"
SECRET_DIGITS = 43  # 62^43 > 2^256
CHECKSUM_DIGITS = 6
PUBLIC_DIGITS = 12
_DIGITS = string.digits + string.ascii_uppercase + string.ascii_lowercase
# A row is touched at most this often, so that a busy key does not write at every request.
LAST_USE_STEP = timedelta(minutes=1)


def _checksum(text: str) -> str:
    number, digits = zlib.crc32(text.encode()), ""
    for _ in range(CHECKSUM_DIGITS):
        number, rest = divmod(number, 62)
        digits = _DIGITS[rest] + digits
    return digits


def _random(length: int) -> str:
    return "".join(secrets.choice(_DIGITS) for _ in range(length))


def make(key: ApiKey) -> str:
    """Give an unsaved row its hash, and a new one its id; the key itself is returned once and kept
    nowhere. The id stays when the secret changes."""
    key.public_id = key.public_id or _random(PUBLIC_DIGITS)
    body = f"{PREFIX}_{key.public_id}_{_random(SECRET_DIGITS)}"
    token = body + _checksum(body)
    key.digest = hashlib.sha256(token.encode()).digest()
    return token


def check(token: str, address: Address | None = None) -> Access | None:
    """The access that a token gives now, to whoever asks from this address; None for every token
    that gives none. One query, and at most once a minute a write of the last use."""
    if not is_well_formed(token):
        return None
    try:
        access = Access.through(token.split("_")[1])
    except Http404:
        return None
    key, now = access.key, timezone.now()
    if key is None or not _is_secret_of(key, token, now):
        return None
    if key.networks and not is_within(address, key.networks):
        return None
    if key.last_used_at is None or now - key.last_used_at > LAST_USE_STEP:
        _note_use(key, address, now)
    return access


def is_well_formed(token: str) -> bool:
    """Whether this can be a key at all; asks nothing but the token."""
    parts = token.split("_")
    if len(parts) != 3 or parts[0] != PREFIX or not token.isascii():
        return False
    return hmac.compare_digest(_checksum(token[:-CHECKSUM_DIGITS]), token[-CHECKSUM_DIGITS:])


def _is_secret_of(key: ApiKey, token: str, now: datetime) -> bool:
    """Whether the token is the key's, or the one from before a rotation, in its last hours."""
    digest = hashlib.sha256(token.encode()).digest()
    if hmac.compare_digest(bytes(key.digest), digest):
        return True
    if key.previous_digest is None or key.previous_ends_at is None:
        return False
    is_previous = hmac.compare_digest(bytes(key.previous_digest), digest)
    return is_previous and key.previous_ends_at > now


def _note_use(key: ApiKey, address: Address | None, now: datetime) -> None:
    # Of many requests in the same moment one writes; the others find it done.
    old = Q(last_used_at=None) | Q(last_used_at__lte=now - LAST_USE_STEP)
    used = {"last_used_at": now, "last_used_from": str(address) if address else None}
    ApiKey.unscoped.filter(old, pk=key.pk).update(**used)
