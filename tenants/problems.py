"""Errors of the API as problem documents (RFC 9457), made in one place."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    TooManyFieldsSent,
    TooManyFilesSent,
    ValidationError,
)
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError
from ninja.errors import ValidationError as UnprocessableError

from tenants.usage import InUse
from tenants.versions import VersionMoved

# Every code an answer may carry, with its title. docs/api.md prints this table.
CODES: dict[str, str] = {
    "bad_request": "The request can't be read.",
    "unauthenticated": "A valid API key is needed.",
    "forbidden": "The key or its maker may not do this.",
    "not_found": "There is no such thing.",
    "method_not_allowed": "This address does not know that method.",
    "conflict": "The state of the object does not allow this.",
    "in_use": "Something else uses the object.",
    "version_mismatch": "The object was changed by somebody else.",
    "too_large": "The request is too large.",
    "validation_failed": "Some fields are not right.",
    "not_published": "The agent has no published version.",
    "idempotency_mismatch": "The Idempotency-Key stands for another request.",
    "rate_limited": "The key has asked too often.",
}


class Problem(Exception):
    """An answer that is not a success. `errors` is a list of `{pointer, detail}`."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        errors: Sequence[dict[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.errors, self.headers, self.extra = list(errors), headers or {}, extra

    @classmethod
    def invalid(cls, pointer: str, detail: str) -> Problem:
        """422 for one value."""
        return cls(
            422,
            "validation_failed",
            CODES["validation_failed"],
            errors=[{"pointer": pointer, "detail": detail}],
        )

    def document(self, request: HttpRequest) -> dict[str, Any]:
        """The body, RFC 9457 section 3, with our members `code`, `request_id` and `errors`."""
        return {
            "type": f"/api/v1/docs#problem-{self.code}",
            "title": CODES.get(self.code, HTTPStatus(self.status).phrase),
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            "request_id": getattr(request, "request_id", ""),
            **({"errors": self.errors} if self.errors else {}),
            **self.extra,
        }

    def response(self, request: HttpRequest) -> HttpResponse:
        """The answer."""
        answer = JsonResponse(
            self.document(request),
            status=self.status,
            content_type="application/problem+json",
            headers=self.headers,
        )
        if self.status == HTTPStatus.UNAUTHORIZED:
            answer["WWW-Authenticate"] = 'Bearer realm="roster"'
        return answer


def install(api: NinjaAPI) -> None:
    """Answer every expected exception of this API with a problem document.

    `Exception` is left alone: Django logs it and answers 500.
    """
    for kind, answer in _answers().items():
        api.add_exception_handler(kind, answer)


def _answers() -> dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]]:
    return {
        Problem: _problem,
        AuthenticationError: _unauthenticated,
        PermissionDenied: _forbidden,
        Http404: _not_found,
        UnprocessableError: _unprocessable,
        ValidationError: _invalid,
        InUse: _in_use,
        VersionMoved: _version_moved,
        RequestDataTooBig: _too_large,
        TooManyFilesSent: _too_large,
        TooManyFieldsSent: _too_large,
        HttpError: _http_error,
    }


def _problem(request: HttpRequest, error: Problem) -> HttpResponse:
    return error.response(request)


def _unauthenticated(request: HttpRequest, error: Exception) -> HttpResponse:
    detail = (
        "Send `Authorization: Bearer <API key>` with a key that is valid, not expired, and allowed"
        " from your address."
    )
    return Problem(401, "unauthenticated", detail).response(request)


def _forbidden(request: HttpRequest, error: Exception) -> HttpResponse:
    return Problem(403, "forbidden", str(error) or CODES["forbidden"]).response(request)


def _not_found(request: HttpRequest, error: Exception) -> HttpResponse:
    # The same words for a foreign id and an unknown one.
    return Problem(404, "not_found", CODES["not_found"]).response(request)


def _unprocessable(request: HttpRequest, error: UnprocessableError) -> HttpResponse:
    errors = [{"pointer": _pointer(found["loc"]), "detail": found["msg"]} for found in error.errors]
    detail = CODES["validation_failed"]
    return Problem(422, "validation_failed", detail, errors=errors).response(request)


def _pointer(location: Sequence[str | int]) -> str:
    """Ninja's ("body", "payload", "name") as a JSON pointer into the body: "/name".

    Fields and files of a form are the body, too; other places are named before: "/query/limit".
    """
    source, *rest = [str(part) for part in location]
    inside = rest[1:] if source == "body" and len(rest) > 1 else rest
    prefix = "" if source in ("body", "form", "file") else f"/{source}"
    return prefix + "".join(f"/{part}" for part in inside) or "/"


def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    by_field = error.message_dict if hasattr(error, "error_dict") else {"": error.messages}
    errors = [
        {"pointer": "/" if field in ("", "__all__") else f"/{field}", "detail": message}
        for field, messages in by_field.items()
        for message in messages
    ]
    detail = CODES["validation_failed"]
    return Problem(422, "validation_failed", detail, errors=errors).response(request)


def _in_use(request: HttpRequest, error: InUse) -> HttpResponse:
    users = [
        {"type": str(user._meta.verbose_name), "id": str(user.pk), "name": str(user)}
        for user in error.users
    ]
    hidden = f" {error.hidden} of them you may not see." if error.hidden else ""
    detail = f"Detach it first, or ask again with ?force=true.{hidden}"
    return Problem(409, "in_use", detail, users=users).response(request)


def _version_moved(request: HttpRequest, error: VersionMoved) -> HttpResponse:
    told = str(error)
    return Problem(412, "version_mismatch", told, version=error.version).response(request)


def _too_large(request: HttpRequest, error: Exception) -> HttpResponse:
    return Problem(413, "too_large", CODES["too_large"]).response(request)


def _http_error(request: HttpRequest, error: HttpError) -> HttpResponse:
    return Problem(error.status_code, "bad_request", str(error)).response(request)


_SCHEMA = {"schema": {"$ref": "#/components/schemas/ProblemOut"}}
_OF_A_BODY = {
    400: {"description": "Bad Request"},
    413: {"description": "Content Too Large"},
}
_TOO_OFTEN = {
    "description": "Too Many Requests",
    "headers": {
        "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    },
}


def describe(operation: dict[str, Any]) -> None:
    """Tell an operation of the OpenAPI document how errors are sent, and which any body can get."""
    answers = operation["responses"]
    if "requestBody" in operation:
        for status, answer in _OF_A_BODY.items():
            answers.setdefault(status, dict(answer))
    answers.setdefault(HTTPStatus.TOO_MANY_REQUESTS.value, dict(_TOO_OFTEN))
    for status, answer in answers.items():
        if int(status) >= HTTPStatus.BAD_REQUEST:
            answer["content"] = {"application/problem+json": _SCHEMA}
