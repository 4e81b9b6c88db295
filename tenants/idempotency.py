"""Idempotency-Key: a POST that is repeated has its effect once and is answered the same.

The header is read as in draft-ietf-httpapi-idempotency-key-header, bare or in quotes. While the
first request is worked on, its connection holds an advisory lock of PostgreSQL; a twin waits for
it. When the answer is there it is kept, sealed, for 24 hours. A first attempt that dies loses its
lock with its connection and keeps nothing, so the next one is a first attempt again. Answers of
403, 404, 429 and 5xx are not kept: they may be others the next time. With an answer is kept what
had to be allowed for it (tenants.noting), and it is told only to who would be allowed all of that
now.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from time import monotonic, sleep
from typing import Any, cast
from uuid import UUID

import structlog
from cryptography.exceptions import InvalidTag
from django.core.files.uploadedfile import UploadedFile
from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import timezone

from tenants import secrets
from tenants.access import Access
from tenants.models import ApiKey, KeptAnswer
from tenants.noting import Noted, NotingAccess, require_again
from tenants.problems import Problem

log = structlog.get_logger(__name__)

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT_FOR = timedelta(hours=24)
LONGEST = 255
# How long a twin waits for the first before it is told to come again.
WAIT_SECONDS = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5

_NAME = re.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}", re.ASCII)
# Of the answer itself; what concerns the connection or one request is not repeated.
_HEADERS = ("Content-Type", "Location", "Preference-Applied")

View = Callable[..., Any]
Replay = Callable[[Access, str], HttpResponseBase]
# How a stream is told again, by the name of its source: an id leads to the same events.
REPLAYS: dict[str, Replay] = {}


def once(view: View) -> View:
    """An operation that does its work once for each Idempotency-Key; without the header, the view
    itself. The middleware `keep_answers` keeps what came of it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        sent = request.headers.get(HEADER)
        if sent is None:
            return view(request, *args, **kwargs)
        access = NotingAccess.like(request.auth)  # type: ignore[attr-defined]  # of an ApiRequest
        begun = _begin(access, request, _name(sent))
        if isinstance(begun, HttpResponseBase):
            return begun
        request.auth, request.attempt = access, begun  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded


def repeatable(response: HttpResponseBase, source: str, of: str) -> HttpResponseBase:
    """Mark a stream as one that `REPLAYS[source]` tells again."""
    response.source, response.source_id = source, of  # type: ignore[attr-defined]
    return response


def keep_answers(get_response: Callable[[HttpRequest], HttpResponseBase]) -> Any:
    """Middleware: keep what came of a first attempt, and let its twins go on."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        try:
            response = get_response(request)
            if attempt := getattr(request, "attempt", None):
                attempt.keep(response)
            return response
        finally:
            if attempt := getattr(request, "attempt", None):
                attempt.end()

    return middleware


# What had no effect and may be answered otherwise next time: rights and objects come, limits go.
_PASSING = {
    HTTPStatus.CONTINUE,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.NOT_FOUND,
    HTTPStatus.TOO_MANY_REQUESTS,
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """The first request under a name, while it is worked on."""

    key: ApiKey
    name: str
    fingerprint: bytes
    lock: int
    noted: list[Noted]  # what was allowed until now

    def keep(self, response: HttpResponseBase) -> None:
        """Keep the answer for whoever repeats the request, where it is one to keep."""
        source = getattr(response, "source", "")
        is_passing = response.status_code in _PASSING
        if response.status_code >= 500 or is_passing or (response.streaming and not source):
            return
        body = response.source_id if source else cast("HttpResponse", response).content  # type: ignore[attr-defined]
        plain = body.encode() if isinstance(body, str) else bytes(body)
        sealed_by, sealed = secrets.seal_bytes(plain, _place(self.key, self.name))
        kept = {
            "fingerprint": self.fingerprint,
            "status": response.status_code,
            "headers": {name: response[name] for name in _HEADERS if name in response},
            "source": source,
            "sealed": sealed,
            "sealed_by": sealed_by,
            "noted": self.noted,
            "expires_at": timezone.now() + KEPT_FOR,
        }
        try:
            KeptAnswer.unscoped.update_or_create(
                tenant_id=self.key.tenant_id, key=self.key, name=self.name, defaults=kept
            )
        except DatabaseError:
            # The work is done and its answer is right; only repeating it is not safe.
            log.exception("idempotency.not_kept", key=str(self.key.pk))

    def end(self) -> None:
        """Let whoever waits go on."""
        _unlock(self.lock)


def _begin(access: NotingAccess, request: HttpRequest, name: str) -> Attempt | HttpResponseBase:
    """The attempt that this request is, or the answer to the one that was.

    Raises Problem 409 for a name under which something else was asked, and for a twin whose first
    takes too long; Http404 or PermissionDenied for who could not ask this now.
    """
    key = cast("ApiKey", access.key)
    lock = _number(_place(key, name))
    attempt = Attempt(key, name, fingerprint(request), lock, access.noted)
    _lock(attempt.lock)
    try:
        answer = _kept(access, attempt)
    except BaseException:
        attempt.end()
        raise
    if answer is None:
        return attempt
    attempt.end()
    return answer


def _kept(access: Access, attempt: Attempt) -> HttpResponseBase | None:
    """The answer to the request that this one repeats; None where it is the first."""
    alive = KeptAnswer.unscoped.filter(expires_at__gt=timezone.now())
    kept = alive.filter(key=attempt.key, name=attempt.name).first()
    if kept is None:
        return None
    if bytes(kept.fingerprint) != attempt.fingerprint:
        detail = "Something else was asked under this Idempotency-Key. Use another one."
        raise Problem(409, "idempotency_mismatch", detail)
    now = access.renewed()  # a twin may have waited long
    require_again(now, kept.noted)
    return _again(now, kept)


def _again(access: Access, kept: KeptAnswer) -> HttpResponseBase:
    try:
        plain = secrets.open_bytes(
            kept.sealed_by, bytes(kept.sealed), _place(cast("ApiKey", access.key), kept.name)
        )
    except (KeyError, InvalidTag) as error:
        detail = "The answer was sealed with a key that this portal has no longer."
        raise Problem(409, "idempotency_mismatch", detail) from error
    if kept.source:
        answer = REPLAYS[kept.source](access, plain.decode())
    else:
        answer = HttpResponse(plain, status=kept.status)
    for header, value in kept.headers.items():
        answer[header] = value
    answer[REPLAYED] = "true"
    return answer


def fingerprint(request: HttpRequest) -> bytes:
    """SHA-256 of what was asked: method, address and body; of a form its fields and files."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    if request.content_type != "multipart/form-data":
        digest.update(request.body)
        return digest.digest()
    for part in _parts(request):
        # Each by its own hash, so that no two forms run into the same bytes.
        digest.update(hashlib.sha256(part).digest())
    return digest.digest()


def _parts(request: HttpRequest) -> Iterator[bytes]:
    for name, values in sorted(request.POST.lists()):
        yield from (f"field {name}={value}".encode() for value in values)
    for name, files in sorted(request.FILES.lists()):
        for file in cast("list[UploadedFile[bytes]]", files):
            content = hashlib.sha256()
            for chunk in file.chunks():
                content.update(chunk)
            file.seek(0)
            yield f"file {name}={file.name} ".encode() + content.digest()


def purge() -> int:
    """Remove the answers whose time is over; how many there were."""
    removed, _ = KeptAnswer.unscoped.filter(expires_at__lte=timezone.now()).delete()
    return removed


def describe(operation: dict[str, Any]) -> None:
    """Tell of the header in a POST of the OpenAPI document."""
    operation.setdefault("parameters", []).append(
        {
            "in": "header",
            "name": HEADER,
            "required": False,
            "description": "Repeating the request under the same name, for 24 hours, has no further"
            " effect and gets the same answer.",
            "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST},
        }
    )
    conflict = {"description": "Conflict"}
    operation["responses"].setdefault(HTTPStatus.CONFLICT.value, conflict)


def _name(sent: str) -> str:
    """The header's value. Raises Problem 422 for one that is empty, too long or not plain text."""
    name = sent.strip()
    if len(name) > 1 and name[0] == name[-1] == '"':
        name = name[1:-1]
    if not _NAME.fullmatch(name):
        told = f"1 to {LONGEST} visible ASCII characters without a space."
        raise Problem.invalid(f"/header/{HEADER}", told)
    return name


def _place(key: ApiKey, name: str) -> str:
    return place_of(key.tenant_id, key.pk, name)


def place_of(tenant_id: UUID, key_id: UUID, name: str) -> str:
    """What an answer that is kept under this name is bound to."""
    return f"{tenant_id}|tenants.keptanswer|{key_id}|{name}"


def _number(place: str) -> int:
    """A lock's number, 64 bits with a sign."""
    return int.from_bytes(hashlib.sha256(place.encode()).digest()[:8], signed=True)


def _lock(number: int) -> None:
    """Wait for the lock. Raises Problem 409 when that takes too long."""
    gives_up_at, pause = monotonic() + WAIT_SECONDS, FIRST_PAUSE
    while not _ask("SELECT pg_try_advisory_lock(%s)", number):
        if monotonic() >= gives_up_at:
            detail = "The first request under this Idempotency-Key is still being worked on."
            raise Problem(409, "conflict", detail, headers={"Retry-After": "10"})
        sleep(pause)
        pause = min(LONGEST_PAUSE, pause * 1.5)


def _unlock(number: int) -> None:
    try:
        _ask("SELECT pg_advisory_unlock(%s)", number)
    except DatabaseError:
        # With a broken connection the lock went, too.
        connection.close()


def _ask(statement: str, number: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [number])
        return bool(cursor.fetchone()[0])
