"""What a tool must be before it is saved, whoever asks: a page or a program."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from django.core.exceptions import ValidationError

from tools.builtins import BUILTINS
from tools.models import Tool
from tools.parameters import EMPTY, schema_problems
from tools.url_templates import TemplateError, check_template, host_of, placeholders

MAX_HEADERS = 20
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")  # RFC 9110, section 5.6.2
_VALUE = re.compile(r"[\x21-\x7e\xa1-\xff]([\t\x20-\x7e\xa1-\xff]{0,998}[\x21-\x7e\xa1-\xff])?")
_OURS = {
    *("host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer"),
    *("upgrade", "expect", "accept-encoding", "proxy-authorization", "proxy-connection"),
}
# These carry credentials, and fixed headers are there for everybody to read.
_SECRET = {"authorization", "cookie"}
_IN_URL = {"string", "integer", "number", "boolean"}

Told = Iterator[tuple[str, str]]


def check_tool(tool: Tool, secret: str = "", before: Tool | None = None) -> None:
    """Raises ValidationError by field. What the tool's kind doesn't use is emptied.

    `secret` is a newly typed one, `before` the tool as it is saved.
    """
    settle(tool)
    problems: dict[str, list[str]] = defaultdict(list)
    found = _http_problems(tool) if tool.is_http else _builtin_problems(tool)
    for field, message in (*found, *_secret_problems(tool, secret, before)):
        problems[field].append(message)
    if problems:
        raise ValidationError(dict(problems))


def settle(tool: Tool) -> None:
    """Empty what the tool's kind and authorisation leave without a meaning."""
    if not tool.is_http:
        fixed = Tool(builtin=tool.builtin)
        for name in ("method", "url_template", "send_as", "headers", "parameters", "auth"):
            setattr(tool, name, getattr(fixed, name))
        if tool.builtin in BUILTINS:
            tool.description = tool.description or BUILTINS[tool.builtin].description
    else:
        tool.builtin = ""
        tool.parameters = tool.parameters or dict(EMPTY)
    if tool.auth != Tool.Auth.HEADER:
        tool.auth_header = ""
    if tool.auth != Tool.Auth.BASIC:
        tool.auth_username = ""


def needs_secret_again(tool: Tool, before: Tool | None) -> bool:
    """Whether the kept secret would now go to somebody whom it was not typed for."""
    if before is None or before.secret_id is None or tool.auth == Tool.Auth.NONE:
        return False
    return host_of(tool.url_template) != host_of(before.url_template)


def _builtin_problems(tool: Tool) -> Told:
    if not tool.builtin:
        yield "builtin", "Choose a function."


def _http_problems(tool: Tool) -> Told:
    try:
        check_template(tool.url_template)
    except TemplateError as problem:
        yield "url_template", str(problem)
    found = schema_problems(tool.parameters)
    yield from (("parameters", str(one)) for one in found)
    if not found:
        yield from _placeholder_problems(tool)
    if tool.method == Tool.Method.GET and tool.send_as != Tool.SendAs.QUERY:
        yield "send_as", "A GET request has no body: its arguments go in the query."
    yield from _header_problems(tool.headers)


def _placeholder_problems(tool: Tool) -> Told:
    properties = tool.parameters.get("properties", {})
    path = tool.url_template.partition("?")[0]
    for name in placeholders(tool.url_template):
        part = properties.get(name)
        if not isinstance(part, dict):
            yield "url_template", f"{{{name}}} is not among the parameters."
        elif str(part.get("type")) not in _IN_URL:
            yield "parameters", f"{name} stands in the URL: its type has to be a simple one."
        elif name in placeholders(path) and not _is_given(name, tool.parameters):
            yield "parameters", f"{name} stands in the path: make it required, or give a default."


def _is_given(name: str, schema: dict[str, Any]) -> bool:
    return name in schema.get("required", []) or "default" in schema["properties"][name]


def _header_problems(headers: Any) -> Told:
    if not _are_pairs(headers) or len(headers) > MAX_HEADERS:
        yield "headers", f"A list of at most {MAX_HEADERS} headers, each with name and value."
        return
    names = [header["name"].lower() for header in headers]
    for header in headers:
        yield from (("headers", text) for text in header_problems(header["name"]))
        if header["name"].lower() in _SECRET:
            yield "headers", f"{header['name']} carries credentials: use the authorisation below."
        if not _VALUE.fullmatch(header["value"]):
            yield "headers", f"{header['name']} has no value that can be sent."
    if len(set(names)) < len(names):
        yield "headers", "A header is there twice."


def _are_pairs(headers: Any) -> bool:
    return isinstance(headers, list) and all(
        isinstance(header, dict)
        and header.keys() == {"name", "value"}
        and all(isinstance(value, str) for value in header.values())
        for header in headers
    )


def header_problems(name: str) -> Iterator[str]:
    """What speaks against a header of this name."""
    if not name:
        yield "Name the header."
    elif not _TOKEN.fullmatch(name):
        yield f"“{name}” is no name of a header."
    elif name.lower() in _OURS:
        yield f"{name} is set by Roster itself."


def _secret_problems(tool: Tool, secret: str, before: Tool | None) -> Told:
    if tool.auth == Tool.Auth.NONE:
        if secret:
            yield "auth", "Choose how the secret is sent."
        return
    if tool.auth == Tool.Auth.HEADER:
        yield from (("auth_header", text) for text in header_problems(tool.auth_header))
    if tool.auth == Tool.Auth.BASIC and (not tool.auth_username or ":" in tool.auth_username):
        yield "auth_username", "A user name, without a colon."
    if secret and not _VALUE.fullmatch(secret):
        yield "secret", "A secret is one line of up to 1,000 characters, without spaces around it."
    if not secret and (before is None or before.secret_id is None):
        yield "secret", "Type the secret."
    elif not secret and needs_secret_again(tool, before):
        yield "secret", "The address has another host: type the secret again to send it there."
