"""URLs with {placeholders}: an argument fills a path segment or a query value, and nothing more.

Whatever a model or a document puts into an argument, the request goes to the host and the path
structure that a person typed.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tenants.outbound import OutboundError, check_url
from tenants.outbound.urls import origin

_PLACEHOLDER = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]{0,63})\}")
_PARTS = re.compile(r"(?P<server>[^:/?#]+://[^/?#]*)(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?")


class TemplateError(ValueError):
    """A template, or arguments for one, that can't become a URL; the message is for people."""


def placeholders(template: str) -> list[str]:
    """The names in the template, in order, each once."""
    return list(dict.fromkeys(_PLACEHOLDER.findall(template)))


def check_template(template: str) -> None:
    """Raises TemplateError with what is wrong."""
    parts = _split(template)
    if "{" in parts["server"] or "}" in parts["server"]:
        raise TemplateError("The host can't contain a placeholder: arguments never choose it.")
    bare = _PLACEHOLDER.sub("x", template)
    if "{" in bare or "}" in bare:
        raise TemplateError("A placeholder is a name in braces, like {order_id}.")
    if any("{" in pair.split("=")[0] for pair in (parts["query"] or "").split("&")):
        raise TemplateError("In the query, only values can be placeholders: ?q={question}.")
    _check_segments(_PLACEHOLDER.sub("x", parts["path"]))
    _checked(bare)


def fill(template: str, arguments: Mapping[str, Any]) -> str:
    """The URL. Raises TemplateError where an argument can't stand in a URL."""
    parts = _split(template)
    path = _PLACEHOLDER.sub(lambda found: _segment(found[1], arguments), parts["path"])
    _check_segments(path)
    query = _PLACEHOLDER.sub(lambda found: _value(found[1], arguments), parts["query"] or "")
    url = f"{parts['server']}{path}{'?' if query else ''}{query}"
    # Belt and braces: what a parser sees has the server, depth and query that were typed.
    if _shape(_checked(url)) != _shape(_checked(_PLACEHOLDER.sub("x", template))):
        raise TemplateError("These arguments would change where the request goes.")
    return url


def host_of(template: str) -> tuple[str, str, int] | None:
    """Scheme, host and port that a template's secret is sent to; None where it has none."""
    try:
        return origin(_checked(_PLACEHOLDER.sub("x", template)))
    except TemplateError:
        return None


def origin_of(template: str) -> str:
    """The same as a text, https://shop.example:443; empty where there is none."""
    origin = host_of(template)
    # A longer one is no host that could be looked up.
    return "{}://{}:{}".format(*origin)[:300] if origin else ""


def as_text(value: Any) -> str:
    """An argument as it is written in a URL or a form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _split(template: str) -> re.Match[str]:
    parts = _PARTS.fullmatch(template)
    if parts is None and "#" in template:
        raise TemplateError("A URL for a request has no “#” part.")
    if parts is None:
        raise TemplateError("A URL has to start with https:// or http:// and a host.")
    return parts


def _checked(text: str) -> Any:
    try:
        return check_url(text)
    except OutboundError as problem:
        raise TemplateError(str(problem)) from problem


def _shape(url: Any) -> tuple[Any, int, list[str]]:
    path = url.raw_path.partition(b"?")[0]
    return origin(url), path.count(b"/"), [name for name, _ in url.params.multi_items()]


def _check_segments(path: str) -> None:
    # Clients and servers take these for "up", also half encoded ones.
    parts = re.sub("%2e", ".", path, flags=re.IGNORECASE).split("/")
    if "." in parts or ".." in parts:
        raise TemplateError("A part of the path can't be “.” or “..”.")


def _segment(name: str, arguments: Mapping[str, Any]) -> str:
    text = _value(name, arguments)
    if not text:
        raise TemplateError(f"{name} is empty, but the path needs it.")
    return text


def _value(name: str, arguments: Mapping[str, Any]) -> str:
    value = arguments.get(name)
    if isinstance(value, (dict, list)):
        raise TemplateError(f"{name} can't stand in the URL: it has to be a text or a number.")
    return "" if value is None else quote(as_text(value), safe="")
