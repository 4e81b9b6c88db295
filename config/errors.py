"""Errors as pages of the product: what happened, what to do, the request id."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import (
    BadRequest,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
)
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from tenants.context import frame, viewing
from tenants.problems import CODES, Problem


@dataclass(frozen=True, slots=True)
class Explanation:
    """What an error page says."""

    title: str
    happened: str
    remedy: str


BAD_REQUEST = Explanation(
    "This request can’t be read",
    "Something in the address or in what was sent is damaged.",
    "Go back and try again. If a link brought you here, it is incomplete.",
)
FORBIDDEN = Explanation(
    "You may not do this",
    "You may see this, but your role does not include the right to do it.",
    "Ask an owner or an admin of your organisation.",
)
NOT_FOUND = Explanation(
    "There is nothing here",
    "The page does not exist, was deleted, or is not shared with you.",
    "Check the address, or ask whoever sent you the link to share it with you.",
)
WRONG_METHOD = Explanation(
    "This address is no page",
    "Something is done here when a button is pressed; there is nothing to look at.",
    "Go back to the page with the button, or begin at home.",
)
ONLY_LOOKED_AT = Explanation(
    "Nothing can be sent here",
    "This address can be looked at, and takes nothing.",
    "Open it, and use what the page offers.",
)
TOO_LARGE = Explanation(
    "This is too much at once",
    "What was sent is larger than Roster takes in one request.",
    "Send it in smaller parts: fewer files at a time, or a shorter text.",
)
SERVER_ERROR = Explanation(
    "Something went wrong on our side",
    "The error was noted. Nothing that you saved before is lost.",
    "Try again in a moment. If it stays, tell your administrator the request id below.",
)
CSRF = Explanation(
    "This form has expired",
    "The page was open too long, or you signed in or out in another window meanwhile.",
    "Go back, reload the page and send the form again. What you typed is kept there.",
)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400, or 413 for a body with too much in it."""
    if isinstance(exception, RequestDataTooBig | TooManyFieldsSent | TooManyFilesSent):
        return too_large(request)
    return _answer(request, 400, "bad_request", BAD_REQUEST, _told(exception, BadRequest))


def too_large(request: HttpRequest) -> HttpResponse:
    """413."""
    return _answer(request, 413, "too_large", TOO_LARGE)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403."""
    return _answer(request, 403, "forbidden", FORBIDDEN, str(exception))


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404; the same words for what is foreign and for what never was."""
    return _answer(request, 404, "not_found", NOT_FOUND)


def wrong_method(request: HttpRequest, allowed: str) -> HttpResponse:
    """405, with the methods that the address knows."""
    code = "method_not_allowed"
    why = ONLY_LOOKED_AT if "GET" in allowed else WRONG_METHOD
    response = _answer(request, 405, code, why, f"Use {allowed}." * is_api(request))
    response.headers["Allow"] = allowed
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500."""
    return _answer(request, 500, "server_error", SERVER_ERROR)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403 for a form without its token."""
    return _answer(request, 403, "forbidden", CSRF)


def is_api(request: HttpRequest) -> bool:
    """Whether a program asks, which is told in problem documents."""
    return request.path.startswith("/api/")


def _told(exception: Exception, kind: type[Exception]) -> str:
    """The exception's words where they were written for people, which Django's own are not."""
    return str(exception) if isinstance(exception, kind) else ""


def _answer(
    request: HttpRequest, status: int, code: str, explanation: Explanation, detail: str = ""
) -> HttpResponse:
    if is_api(request):
        return Problem(status, code, detail or CODES.get(code, explanation.title)).response(request)
    # Rendered without the request: its context processors ask the database, which may be the cause.
    context = {
        **frame(request),
        **viewing(request),
        "status": status,
        "explanation": explanation,
        "detail": detail,
        "request_id": getattr(request, "request_id", ""),
    }
    return HttpResponse(render_to_string("error.html", context), status=status)
