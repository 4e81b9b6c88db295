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
from datetime import timedelta

from django.db.models import Q
from django.http import Http404
from django.utils import timezone

from tenants.access import Access
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
    """Give an unsaved row its id and hash; the key itself is returned once and kept nowhere."""
    key.public_id = _random(PUBLIC_DIGITS)
    body = f"{PREFIX}_{key.public_id}_{_random(SECRET_DIGITS)}"
    token = body + _checksum(body)
    key.digest = hashlib.sha256(token.encode()).digest()
    return token


def check(token: str) -> Access | None:
    """The access that a token gives now; None for every token that gives none."""
    parts = token.split("_")
    if len(parts) != 3 or parts[0] != PREFIX or not token.isascii():
        return None
    if not hmac.compare_digest(_checksum(token[:-CHECKSUM_DIGITS]), token[-CHECKSUM_DIGITS:]):
        return None
    now = timezone.now()
    alive = Q(expires_at=None) | Q(expires_at__gt=now)
    key = ApiKey.unscoped.filter(alive, public_id=parts[1], revoked_at=None).first()
    digest = hashlib.sha256(token.encode()).digest()
    if key is None or not hmac.compare_digest(bytes(key.digest), digest):
        return None
    if key.last_used_at is None or now - key.last_used_at > LAST_USE_STEP:
        ApiKey.unscoped.filter(pk=key.pk).update(last_used_at=now)
    try:
        return Access.through(key)
    except Http404:
        return None
