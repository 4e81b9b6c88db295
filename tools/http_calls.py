"""From an HTTP tool and checked arguments to one request, and from its answer to a result."""

from __future__ import annotations

import base64
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from tenants import outbound, secrets
from tenants.access import Access
from tenants.models import Secret, Tenant
from tenants.outbound import OutboundError
from tools.redaction import Redactor
from tools.results import SentRequest, ToolFailed, ToolResult, cut
from tools.snapshots import ToolSnapshot
from tools.url_templates import TemplateError, as_text, fill, placeholders

MAX_ANSWER_BYTES = 2 * 1024 * 1024
_TEXTUAL = ("text/", "json", "xml", "javascript", "x-www-form-urlencoded", "yaml")

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Call:
    """One request, complete but for its secret."""

    method: str
    url: str
    headers: Mapping[str, str]
    params: Pairs = field(default_factory=list)
    json: dict[str, Any] | None = None
    form: Pairs | None = None


def call_http(access: Access, tool: ToolSnapshot, arguments: Mapping[str, Any]) -> ToolResult:
    """Send the request. Raises ToolFailed where it can't be made; a bad answer is a result."""
    try:
        call = build(tool, arguments)
    except TemplateError as problem:
        raise ToolFailed("bad_arguments", str(problem)) from problem
    secret = _secret(access, tool)
    redact = Redactor(secret, _basic(tool, secret)) if secret else Redactor()
    headers = {**call.headers, **_credentials(tool, secret)}
    sent = _told(call, headers, redact)
    try:
        answer = _send(call, headers, tool.timeout_seconds, _allowed_hosts(access))
    except OutboundError as problem:
        message = redact(str(problem))
        return ToolResult(ok=False, error=message, error_code=problem.code, request=sent)
    return replace(_result(answer, redact), request=sent)


def build(tool: ToolSnapshot, arguments: Mapping[str, Any]) -> Call:
    """The request without its secret. Raises TemplateError."""
    url = fill(tool.url_template, arguments)
    inside = set(placeholders(tool.url_template))
    rest = {name: value for name, value in arguments.items() if name not in inside}
    headers = {header.name: header.value for header in tool.headers}
    call = Call(tool.method, url, headers)
    if tool.send_as == "json":
        return replace(call, json=rest)
    if tool.send_as == "form":
        return replace(call, form=_pairs(rest))
    return replace(call, params=_pairs(rest))


def _pairs(arguments: Mapping[str, Any]) -> Pairs:
    pairs: Pairs = []
    for name, value in arguments.items():
        values = value if isinstance(value, list) else [value]
        pairs += [(name, _plain(one)) for one in values if one is not None]
    return pairs


def _plain(value: Any) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return as_text(value)


def _secret(access: Access, tool: ToolSnapshot) -> str:
    if tool.auth == "none":
        return ""
    rows = Secret.unscoped.filter(tenant=access.tenant)
    row = rows.filter(pk=tool.secret_id).first() if tool.secret_id else None
    if row is None:
        raise ToolFailed("no_secret", "The tool's secret was removed. Set it anew.")
    return secrets.reveal(row)


def _credentials(tool: ToolSnapshot, secret: str) -> dict[str, str]:
    if tool.auth == "bearer":
        return {"Authorization": f"Bearer {secret}"}
    if tool.auth == "basic":
        return {"Authorization": f"Basic {_basic(tool, secret)}"}
    return {tool.auth_header: secret} if tool.auth == "header" else {}


def _basic(tool: ToolSnapshot, secret: str) -> str:
    return base64.b64encode(f"{tool.auth_username}:{secret}".encode()).decode()


def _allowed_hosts(access: Access) -> list[str]:
    """Asked anew for each call: a long run feels a change at once."""
    return Tenant.objects.values_list("allowed_hosts", flat=True).get(pk=access.tenant.pk)


def _send(
    call: Call, headers: Mapping[str, str], timeout: float, allowed_hosts: Collection[str]
) -> outbound.Response:
    body = urlencode(call.form).encode() if call.form is not None else None
    typed = {"Content-Type": "application/x-www-form-urlencoded"} if body is not None else {}
    return outbound.fetch(
        call.method,
        call.url,
        headers={**typed, **headers},
        params=call.params,
        json=call.json,
        content=body,
        timeout=timeout,
        max_bytes=MAX_ANSWER_BYTES,
        allowed_hosts=allowed_hosts,
    )


def _told(call: Call, headers: Mapping[str, str], redact: Redactor) -> SentRequest:
    body = urlencode(call.form) if call.form is not None else ""
    if call.json is not None:
        body = json.dumps(call.json, indent=2, ensure_ascii=False)
    mark = "&" if "?" in call.url else "?"
    url = f"{call.url}{mark}{urlencode(call.params)}" if call.params else call.url
    return SentRequest(
        method=call.method,
        url=redact(url),
        headers={name: redact(value) for name, value in headers.items()},
        body=redact(body),
    )


def _result(answer: outbound.Response, redact: Redactor) -> ToolResult:
    text = redact(_readable(answer))
    is_ok = 200 <= answer.status_code < 300
    error = "" if is_ok else f"The server answered {_phrase(answer.status_code)}."
    return ToolResult(
        ok=is_ok,
        output_text=cut(text),
        output_json=_parsed(text) if cut(text) == text else None,
        error=error,
        error_code="" if is_ok else "http_status",
        status_code=answer.status_code,
    )


def _readable(answer: outbound.Response) -> str:
    kind = answer.headers.get("content-type", "text/plain").lower()
    if not any(part in kind for part in _TEXTUAL):
        return f"[{len(answer.content):,} bytes of {kind.split(';')[0]}, not shown]"
    # PostgreSQL takes no NUL, neither raw nor as JSON's escape, and the trace is kept there.
    return answer.text.replace("\x00", "�").replace("\\u0000", "�")


def _parsed(text: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse)
        json.dumps(value, ensure_ascii=False).encode()  # lone surrogates can't be stored
    except (ValueError, RecursionError):
        return None
    return value


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not JSON.")


def _phrase(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
