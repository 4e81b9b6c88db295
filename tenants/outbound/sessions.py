"""The guard inside of a `requests` session, for django-allauth, which speaks through one."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from tenants.outbound.errors import OutboundError
from tenants.outbound.fetching import fetch

SECONDS = 10.0
MAX_BYTES = 512 * 1024


class _Guarded(BaseAdapter):
    """Sends a prepared request by `fetch`, which has followed redirects when it returns."""

    def send(  # type: ignore[override]  # what else it may be given, the guard decides itself
        self, request: requests.PreparedRequest, **kwargs: Any
    ) -> requests.Response:
        content = request.body.encode() if isinstance(request.body, str) else request.body
        try:
            answer = fetch(
                request.method or "GET",
                request.url or "",
                headers=_without_length(request),
                content=content if isinstance(content, bytes) else None,
                timeout=SECONDS,
                max_bytes=MAX_BYTES,
            )
        except OutboundError as refusal:
            raise requests.ConnectionError(str(refusal), request=request) from refusal
        response = requests.Response()
        response.status_code, response.url, response.request = (
            answer.status_code,
            answer.url,
            request,
        )
        response.headers = CaseInsensitiveDict(answer.headers)
        response._content, response.encoding = answer.content, "utf-8"
        return response

    def close(self) -> None:
        pass


def _without_length(request: requests.PreparedRequest) -> dict[str, str]:
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    headers.pop("content-length", None)  # the guard counts for itself
    return headers


def session() -> requests.Session:
    """A session that reaches what the guard lets it reach, and takes nothing from the machine."""
    guarded = requests.Session()
    guarded.trust_env = False
    guarded.mount("https://", _Guarded())
    guarded.mount("http://", _Guarded())
    return guarded
