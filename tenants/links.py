"""Addresses of this portal for the world outside of it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def base_url(request: HttpRequest) -> str:
    """Scheme and host, without a slash at the end.

    ROSTER_URL where it is set; else the request's own host, which Django has checked against
    ALLOWED_HOSTS. Headers that a proxy's client may write are not asked.
    """
    return settings.ROSTER_URL or f"{request.scheme}://{request.get_host()}"
