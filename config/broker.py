"""The queue: where it is, and Kombu's PostgreSQL transport made safe to use."""

from urllib.parse import parse_qsl, quote, unquote, urlsplit

SCHEME = "pgmq"


def url_beside(database_url: str) -> str:
    """The queue inside the database of this URL.

    The host may be a socket folder in the query, as libpq has it; Kombu needs it in its place.
    """
    parts = urlsplit(database_url)
    query = dict(parse_qsl(parts.query))
    account = parts.netloc.rpartition("@")[0]
    host = query.pop("host", "") or unquote(parts.hostname or "localhost")
    port = query.pop("port", "") or parts.port or 5432
    return f"{SCHEME}://{account}{'@' if account else ''}{_encoded(host)}:{port}{parts.path}"


def _encoded(host: str) -> str:
    """Percent-encoded, capitals too: URL parsers put a host in lower case before decoding it."""
    return "".join(
        f"%{ord(letter):02X}" if letter.isupper() else quote(letter, safe="") for letter in host
    )
