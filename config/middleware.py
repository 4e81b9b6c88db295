"""A request's own id, its log line, and the headers that keep answers out of caches."""

import time
from collections.abc import Callable
from http import HTTPStatus

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from structlog.contextvars import bound_contextvars

from config import errors, health
from tenants import audit, devices, viewing
from tenants.addresses import client_address
from tenants.devices import SEEN_AT
from tenants.frames import with_room
from tenants.ids import uuid7

# A device that is in use is noted this often, in seconds.
SEEN_STEP = 600

Answer = Callable[[HttpRequest], HttpResponse]

log = structlog.get_logger("requests")
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=(), payment=(), usb=()"


def room(get_response: Answer) -> Answer:
    """Let all that answers the request find room for its frames (tenants/frames.py)."""
    return with_room(get_response)


def request_id(get_response: Answer) -> Answer:
    """Give the request an id of our own making; audit, log lines and problems carry it."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        request.request_id = uuid7().hex  # type: ignore[attr-defined]
        known_as = audit.current_request_id.set(request.request_id)  # type: ignore[attr-defined]
        came_from = audit.current_address.set(str(client_address(request) or ""))
        try:
            with bound_contextvars(request=request.request_id):  # type: ignore[attr-defined]
                response = get_response(request)
                _log(request, response, started)
        finally:
            audit.current_request_id.reset(known_as)
            audit.current_address.reset(came_from)
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


def body_limit(get_response: Answer) -> Answer:
    """Refuse a body that is too large as a whole, files and all, before a byte of it is read.

    Every server in front of Django gives a body's length; one that is sent without is read as
    empty, so none gets in around this.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.REQUEST_MAX_BYTES:
            return errors.too_large(request)
        return get_response(request)

    return middleware


def private_pages(get_response: Answer) -> Answer:
    """Keep every page and every API answer out of caches; static files pass above this."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        return response

    return middleware


def rate_headers(get_response: Answer) -> Answer:
    """Tell the API's callers how much of their allowance is left, whatever the answer is."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if allowance := getattr(request, "allowance", None):
            allowance.tell(response.headers)
        return response

    return middleware


def last_seen(get_response: Answer) -> Answer:
    """Note now and then that a device is in use, for the list of devices."""

    def middleware(request: HttpRequest) -> HttpResponse:
        has_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        seen_at = request.session.get(SEEN_AT) if has_session else None
        if seen_at is not None and time.time() - seen_at > SEEN_STEP:
            request.session[SEEN_AT] = int(time.time())
            devices.note_use(request.session.session_key or "")
        return get_response(request)

    return middleware


def own_time_zone(get_response: Answer) -> Answer:
    """Tell times as the person chose, who is asked for where there is a session; the pages of a
    tenant have one of their own for whoever did not choose."""

    def middleware(request: HttpRequest) -> HttpResponse:
        if errors.is_api(request) or settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return get_response(request)
        with timezone.override(getattr(request.user, "zone", None)):
            return get_response(request)

    return middleware


def viewing_changes_nothing(get_response: Answer) -> Answer:
    """Refuse every change while an owner looks at the portal as somebody else, wherever it is.

    The API knows no sessions, so it isn't asked.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if not errors.is_api(request):
            request.viewing = viewing.current(request)  # type: ignore[attr-defined]
            viewing.require_unchanging(request)
        return get_response(request)

    return middleware


def wrong_methods(get_response: Answer) -> Answer:
    """Tell of a wrong method as of other errors: people in a page, programs in a problem document.

    Django and Ninja answer these before any handler of ours is asked, with nothing to read.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED:
            return response
        return errors.wrong_method(request, response.headers["Allow"])

    return middleware


def _log(request: HttpRequest, response: HttpResponse, started: float) -> None:
    # What nobody wants a line for: probes, and files that never reach Django's views.
    if request.path in health.VIEWS or request.path.startswith(settings.STATIC_URL):
        return
    # Without the query: searches and tokens don't belong into a log.
    log.info(
        "request",
        method=request.method,
        path=_without_token(request),
        status=response.status_code,
        ms=round((time.perf_counter() - started) * 1000, 1),
    )


def _without_token(request: HttpRequest) -> str:
    """The path; of a link from a mail without the part that opens something."""
    token = request.resolver_match.kwargs.get("key") if request.resolver_match else None
    return request.path.replace(token, "…") if token else request.path
