"""Events as a stream of server-sent events (WHATWG HTML, section 9.2)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, get_args
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse

from agents.runs import live
from agents.runs.disclosure import Disclosure, disclosure
from agents.runs.events import Event, Type
from agents.runs.models import AgentRun
from tenants import idempotency
from tenants.access import Access

CONTENT_TYPE = "text/event-stream"
SOURCE = "run"  # of a stream that is asked for again
# For the OpenAPI document: what each event of a stream is.
DESCRIPTION: dict[str, Any] = {
    "description": "Server-sent events until the run's last.",
    "content": {
        CONTENT_TYPE: {
            "schema": {
                "type": "object",
                "properties": {
                    "id": {"type": "string", "description": "For `Last-Event-ID`."},
                    "event": {"type": "string", "enum": list(get_args(Type))},
                    "data": {"type": "string", "description": "A JSON object."},
                },
                "required": ["id", "event", "data"],
            }
        }
    },
}


def event_stream(access: Access, run: AgentRun, after: int = 0) -> HttpResponseBase:
    """The run's events above a number, until its last, as far as this reader may read them. 204,
    which ends a browser's attempts to reconnect, where there will be none."""
    if not live.has_more(run, after):
        return HttpResponse(status=204)
    lines = _lines(run.pk, after, disclosure(access, run))
    response = StreamingHttpResponse(lines, content_type=CONTENT_TYPE)
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"
    return response


def _again(access: Access, run_id: str) -> HttpResponseBase:
    """The same run's events from its first, to whoever repeats the request that began it."""
    return event_stream(access, access.get(AgentRun, run_id))


idempotency.REPLAYS[SOURCE] = _again


def _lines(run_id: UUID, after: int, closed: Disclosure) -> Iterator[bytes]:
    for event in live.watch(run_id, after):
        yield line(event, closed) if event is not None else b": keep-alive\n\n"


def line(event: Event, closed: Disclosure) -> bytes:
    """One event on the wire."""
    told = closed.of_event(event.type, event.data)
    data = json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False)
    return f"id: {event.number}\nevent: {event.type}\ndata: {data}\n\n".encode()


def last_event_id(request: HttpRequest) -> int:
    """The number of the last event that the client has; 0 for none, or for nonsense."""
    told = request.headers.get("Last-Event-ID") or request.GET.get("after") or "0"
    return int(told) if told.isascii() and told.isdigit() and len(told) <= 9 else 0
