"""Events as a stream of server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from time import monotonic
from typing import Any, get_args

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from agents.runs import live, rights
from agents.runs.disclosure import Disclosure, disclosure
from agents.runs.events import Event, Type
from agents.runs.models import AgentRun
from tenants import idempotency
from tenants.access import Access

CONTENT_TYPE = "text/event-stream"
CUT = "access.ended"
RECHECK_SECONDS = 1.0
SOURCE = "run"  # of a stream that is asked for again
# For the OpenAPI document: what each event of a stream is.
DESCRIPTION: dict[str, Any] = {
    "description": "Server-sent events until the run's last, or until the reader may read no"
    " further, which is told by `access.ended`.",
    "content": {
        CONTENT_TYPE: {
            "schema": {
                "type": "object",
                "properties": {
                    "id": {
                        "type": "string",
                        "description": "For `Last-Event-ID`. `access.ended` has none.",
                    },
                    "event": {"type": "string", "enum": [*get_args(Type), CUT]},
                    "data": {"type": "string", "description": "A JSON object."},
                },
                "required": ["event", "data"],
            }
        }
    },
}


def event_stream(access: Access, run: AgentRun, after: int = 0) -> HttpResponseBase:
    """The run's events above a number, until its last, as far as this reader may read them. 204,
    which ends a browser's attempts to reconnect, where there will be none."""
    if not live.has_more(run, after):
        return HttpResponse(status=204)
    lines = _lines(access, run, after, disclosure(access, run))
    response = StreamingHttpResponse(lines, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _again(access: Access, run_id: str) -> HttpResponseBase:
    """The same run's events from its first, to whoever repeats the request that began it."""
    return event_stream(access, access.get(AgentRun, run_id))


idempotency.REPLAYS[SOURCE] = _again


def _lines(access: Access, run: AgentRun, after: int, closed: Disclosure) -> Iterator[bytes]:
    """About every second it is asked whether the reader still may; nothing follows where not."""
    checked_at = told_at = monotonic()
    for event in live.watch(run.pk, after, patience=RECHECK_SECONDS):
        if monotonic() - checked_at >= RECHECK_SECONDS:
            try:
                closed = disclosure(rights.to_watch(access, run), run)
            except rights.RightsEnded as ended:
                yield _cut(str(ended))
                return
            checked_at = monotonic()
        if event is not None:
            yield line(event, closed)
            told_at = monotonic()
        elif monotonic() - told_at >= live.KEEP_ALIVE_SECONDS:
            yield b": keep-alive\n\n"
            told_at = monotonic()


def _cut(why: str) -> bytes:
    """The last of a stream whose reader may read no further; it has no number, the run goes on."""
    data = json.dumps({"code": rights.ENDED_CODE, "detail": why})
    return f"event: {CUT}\ndata: {data}\n\n".encode()


def line(event: Event, closed: Disclosure) -> bytes:
    """One event on the wire."""
    told = closed.of_event(event.type, event.data)
    data = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False)
    return f"id: {event.number}\nevent: {event.type}\ndata: {data}\n\n".encode()


def last_event_id(request: HttpRequest) -> int:
    """The number of the last event that the client has; 0 for none, or for nonsense."""
    told = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 9 else 0
