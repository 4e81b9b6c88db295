"""Sessions whose content is sealed, so that a dump of the database tells nothing of it.

django-allauth keeps there what opens accounts: the seed of an app until its first code has come,
the token of a link for a new password until that is chosen, an organisation's sign-in under way.
"""

from __future__ import annotations

import re
from typing import Any

from cryptography.exceptions import InvalidTag
from django.contrib.sessions.backends import db
from django.utils.encoding import force_str

from tenants import secrets

PLACE = "session"
# As Django makes them; a cookie may hold anything else, a NUL that no database takes among it.
_KEY = re.compile(r"[a-z0-9]{32}")


class SessionStore(db.SessionStore):
    """Django's, in the database. A session that no present key opens is an empty one."""

    def encode(self, session_dict: dict[str, Any]) -> str:
        return secrets.seal_text(super().encode(session_dict), PLACE)

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        try:
            return super().decode(secrets.open_text(force_str(session_data), PLACE))
        except (KeyError, InvalidTag, ValueError):
            return {}

    def _validate_session_key(self, key: str) -> bool:
        return bool(key and _KEY.fullmatch(key))
