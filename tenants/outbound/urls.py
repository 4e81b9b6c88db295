"""Which URLs may be asked for, judged on the text before any parser has seen it."""

import re

import httpx2

from tenants.outbound.errors import OutboundError

MAX_URL_LENGTH = 8_000

# Parsers disagree about everything outside this shape, and attacks live in what they disagree on.
_SHAPE = re.compile(r"(?P<scheme>[a-z]+)://(?P<authority>[^/?#]*)(?P<rest>[/?#].*)?", re.IGNORECASE)
_AUTHORITY = re.compile(
    r"(?P<host>\[[0-9a-f:.]+\]|[^\[\]:@%]+)(?::(?P<port>\d{1,5}))?", re.IGNORECASE
)


def check_url(text: str) -> httpx2.URL:
    """The parsed URL. Raises OutboundError for everything but a plain http(s) URL."""
    check_characters(text)
    shape = _SHAPE.fullmatch(text)
    if shape is None:
        raise OutboundError("refused", "A URL has to start with https:// or http:// and a host.")
    if shape["scheme"].lower() not in ("http", "https"):
        raise OutboundError("refused", "Only http and https URLs can be asked for.")
    host = _check_authority(shape["authority"])
    return _parsed(text, host)


def check_characters(text: str) -> None:
    """Raises OutboundError for a text that no URL may contain."""
    if len(text) > MAX_URL_LENGTH:
        raise OutboundError("refused", f"The URL is longer than {MAX_URL_LENGTH:,} characters.")
    if any(sign == "\\" or sign.isspace() or not sign.isprintable() for sign in text):
        raise OutboundError("refused", "A URL can't contain spaces, control characters or “\\”.")


def _check_authority(authority: str) -> str:
    if "@" in authority:
        raise OutboundError("refused", "A URL can't contain a user name or password.")
    parts = _AUTHORITY.fullmatch(authority)
    if parts is None:
        raise OutboundError("refused", "The URL's host isn't one.")
    if parts["port"] and not 0 < int(parts["port"]) < 65_536:
        raise OutboundError("refused", "The URL's port isn't one.")
    return parts["host"].strip("[]").lower()


def _parsed(text: str, host: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text).copy_with(fragment=None)
        name = url.raw_host.decode("ascii")
    except (httpx2.InvalidURL, ValueError) as problem:
        raise OutboundError("refused", "This isn't a URL.") from problem
    # The parser must have seen the host that was checked here.
    if not name or (host.isascii() and name.strip("[]") != host):
        raise OutboundError("refused", "The URL's host isn't one.")
    return url


def origin(url: httpx2.URL) -> tuple[str, str, int]:
    """Scheme, host and port: who gets the credentials."""
    return url.scheme, url.host, url.port or {"http": 80, "https": 443}[url.scheme]
