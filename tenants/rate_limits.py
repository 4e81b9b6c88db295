"""How often an API key may ask: exactly, however many of its requests come at once.

Each key has one bucket, a row that one statement opens, counts up or begins anew; PostgreSQL's row
lock puts concurrent requests in order. The window begins with a key's first request and lasts its
seconds; what comes beyond the limit is counted no further than one above it.

The headers are those of draft-ietf-httpapi-ratelimit-headers-06: `RateLimit-Limit`,
`RateLimit-Remaining`, `RateLimit-Reset` in seconds, and `RateLimit-Policy`.
"""

from __future__ import annotations

import math
from collections.abc import MutableMapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from tenants.models import ApiKey

# statement_timestamp() is one moment for the whole statement, also after it waited for the row.
_TAKE = """
INSERT INTO tenants_ratebucket AS bucket (key_id, began_at, spent)
VALUES (%(key)s, statement_timestamp(), 1)
ON CONFLICT (key_id) DO UPDATE SET
  began_at = CASE WHEN bucket.began_at <= statement_timestamp() - %(window)s * interval '1 second'
                  THEN statement_timestamp() ELSE bucket.began_at END,
  spent = CASE WHEN bucket.began_at <= statement_timestamp() - %(window)s * interval '1 second'
               THEN 1 ELSE least(bucket.spent, %(limit)s) + 1 END
RETURNING spent,
  extract(epoch FROM began_at + %(window)s * interval '1 second' - statement_timestamp())
"""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a key's window after this request was counted."""

    limit: int
    window: int  # seconds
    spent: int
    reset: int  # seconds until the next window

    @property
    def is_used_up(self) -> bool:
        """Whether this request is one too many."""
        return self.spent > self.limit

    def tell(self, headers: MutableMapping[str, str]) -> None:
        """Write the headers of an answer."""
        headers["RateLimit-Limit"] = str(self.limit)
        headers["RateLimit-Remaining"] = str(max(0, self.limit - self.spent))
        headers["RateLimit-Reset"] = str(self.reset)
        headers["RateLimit-Policy"] = f"{self.limit};w={self.window}"


def take(key: ApiKey) -> Allowance | None:
    """Count a request of this key; None, and no query, where nothing limits it.

    Call it outside of a transaction: what was counted stays, whatever becomes of the request.
    """
    limit, window = key.rate_limit, key.rate_seconds
    if limit is None:
        limit, window = key.tenant.key_rate_limit, key.tenant.key_rate_seconds
    return None if limit is None else _take(key.pk, limit, window)


def _take(key_id: UUID, limit: int, window: int) -> Allowance:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"key": key_id, "limit": limit, "window": window})
        spent, left = cursor.fetchone()
    return Allowance(limit, window, spent, max(1, math.ceil(left)))
