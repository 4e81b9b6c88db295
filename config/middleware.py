"""A request's own id, its log line, and the headers that keep answers out of caches."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from structlog.contextvars import bound_contextvars

from config import health
from tenants.ids import uuid7

Answer = Callable[[HttpRequest], HttpResponse]

log = structlog.get_logger("requests")
# What nobody wants a line for: probes, and files that never reach Django's views.
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def request_id(get_response: Answer) -> Answer:
    """Give the request an id of our own making; audit, log lines and problems carry it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request.request_id = uuid7().hex  # type: ignore[attr-defined]
        with bound_contextvars(request=request.request_id):  # type: ignore[attr-defined]
            response = get_response(request)
            _log(request, response, started)
        response.headers["X-Request-ID"] = request.request_id  # type: ignore[attr-defined]
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response

    return middleware


def probes(get_response: Answer) -> Answer:
    """Answer /healthz and /readyz before anything asks which host or protocol was meant.

    A load balancer asks by address and without TLS.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        view = health.VIEWS.get(request.path)
        return view(request) if view else get_response(request)

    return middleware


def private_pages(get_response: Answer) -> Answer:
    """Keep every page and every API answer out of caches; static files pass above this."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def _log(request: HttpRequest, response: HttpResponse, started: float) -> None:
    if request.path in health.VIEWS or request.path.startswith(settings.STATIC_URL):
        return
    # Without the query: searches and tokens don't belong into a log.
    log.info(
        "request",
        method=request.method,
        path=request.path,
        status=response.status_code,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )
