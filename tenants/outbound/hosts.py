"""Which hosts a tenant lets its tools reach: exact names, or all names below one."""

from __future__ import annotations

import re
from collections.abc import Collection

import idna

MOST_PATTERNS = 100
_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# The last label of a name in DNS is never a number, in any spelling of one (WHATWG URL, 3.5).
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*")
# Under a country's two letters these are everybody's: *.co.uk is half of a country.
_EVERYBODYS = {"ac", "co", "com", "edu", "gob", "gov", "gouv", "ltd", "mil", "ne", "net", "nom",
               "or", "org", "plc", "sch"}  # fmt: skip


def checked_pattern(text: str) -> str:
    """The pattern in its one spelling: lower case, ASCII. Raises ValueError with a sentence."""
    text = text.strip().rstrip(".")
    if text == "*":
        raise ValueError("“*” is too wide. To allow every host, leave the list empty.")
    is_wild = text.startswith("*.")
    name = _ascii(text.removeprefix("*."), text)
    labels = name.split(".")
    if len(labels) < 2:
        raise ValueError(f"“{text}” is too wide, or no complete name of a host.")
    if _NUMBER.fullmatch(labels[-1]):
        raise ValueError(f"“{text}” is an address. Name hosts, as api.example.com.")
    if is_wild and len(labels) == 2 and len(labels[1]) == 2 and labels[0] in _EVERYBODYS:
        raise ValueError(f"“{text}” is too wide: it is open to everybody in a country.")
    return f"*.{name}" if is_wild else name


def _ascii(name: str, told: str) -> str:
    if ":" in name or "/" in name or "[" in name:
        raise ValueError(f"“{told}” is no host: leave out scheme, port and path.")
    try:
        encoded = idna.encode(name.lower(), uts46=True).decode("ascii")
    except (idna.IDNAError, UnicodeError) as problem:
        raise ValueError(f"“{told}” is no name of a host.") from problem
    if len(encoded) > 253 or not all(_LABEL.fullmatch(label) for label in encoded.split(".")):
        raise ValueError(f"“{told}” is no name of a host.")
    return encoded


def is_allowed(host: str, patterns: Collection[str]) -> bool:
    """Whether one of the checked patterns names this host; where there are none, all do.

    `host` is as the URL's parser sees it, in ASCII. A wildcard does not name its own domain.
    """
    host = host.lower().rstrip(".")
    return not patterns or any(
        host.endswith(pattern[1:]) if pattern.startswith("*.") else host == pattern
        for pattern in patterns
    )
