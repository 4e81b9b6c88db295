"""The browsers that a person is signed in with."""

from __future__ import annotations

from allauth.usersessions.models import UserSession
from django.utils import timezone

from tenants.models import User

# The session's own note of when it was last seen, in seconds.
SEEN_AT = "seen_at"


def end_sessions(user: User, *, but: str = "") -> int:
    """Sign the person out everywhere, or everywhere but in one session; tells how many ended."""
    ended = 0
    for session in UserSession.objects.filter(user=user).exclude(session_key=but):
        session.end()
        ended += 1
    return ended


def note_use(session_key: str) -> None:
    """The device is in use now."""
    UserSession.objects.filter(session_key=session_key).update(last_seen_at=timezone.now())
