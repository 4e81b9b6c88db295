"""What is wrong with this machine's configuration, all of it at once."""

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

DATABASE_SCHEMES = ("postgresql://", "postgres://")
BROKER_SCHEMES = ("pgmq://", "redis://", "rediss://", "amqp://", "amqps://", "memory://")
SHORTEST_SECRET_KEY = 40
SAMPLE_KEY = re.compile(
    r"insecure|change.?me|sample|example|secret.?key|your.?key|placeholder", re.IGNORECASE
)
PRODUCTION_NEEDS = ("SECRET_KEY", "ROSTER_SECRET_KEYS", "DATABASE_URL", "ALLOWED_HOSTS")


class WrongEnvironment(ImproperlyConfigured):
    """Variables that are missing or malformed, each with its remedy."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


class Env(environ.Env):  # type: ignore[misc]
    """The variables of this process. One that is set to nothing counts as unset: that is how a
    Compose file and a unit's list leave what nobody filled in."""

    def __init__(self, **scheme: tuple[type, object]) -> None:
        super().__init__(**scheme)
        self.ENVIRON = {name: value for name, value in environ.Env.ENVIRON.items() if value}


def require(env: environ.Env) -> None:
    """Raise `WrongEnvironment` naming every problem with the variables of this schema."""
    if problems := list(find_problems(env)):
        raise WrongEnvironment(problems)


def find_problems(env: environ.Env) -> Iterator[str]:
    """One line for a person per variable that is wrong, with the remedy."""
    for name, (kind, _default) in env.scheme.items():
        if value := env.ENVIRON.get(name, ""):
            yield from _wrong_value(name, kind, value)
    if env.ENVIRON.get("ROSTER_ENV") == "production":
        yield from _missing_in_production(env)


def secret_problems(*, has_secret_key: bool, has_secret_keys: bool) -> Iterator[str]:
    """What forbids serving without secrets, wherever they would come from."""
    made = "`manage.py up` makes one in the data folder at its first start."
    if not has_secret_key:
        yield f"SECRET_KEY is missing. Set it to 50 random characters; {made}"
    if not has_secret_keys:
        yield f"ROSTER_SECRET_KEYS is missing. Set it to `k1:` and 32 bytes in base64; {made}"


def _wrong_value(name: str, kind: type, value: str) -> Iterator[str]:
    if kind is bool and value.lower() not in _BOOLEANS:
        yield f"{name} is {value!r}, which is neither true nor false. Set it to true or false."
    elif kind is int and not value.isdecimal():
        yield f"{name} is {value!r}, which is no number. Set it to a whole number, 0 or more."
    elif check := _CHECKS.get(name):
        yield from check(name, value)


_BOOLEANS = (*environ.Env.BOOLEAN_TRUE_STRINGS, "false", "off", "no", "n", "0")


def _missing_in_production(env: environ.Env) -> Iterator[str]:
    for name in PRODUCTION_NEEDS:
        if not env.ENVIRON.get(name):
            yield f"{name} is missing. ROSTER_ENV is production, which has no default for it."
    if _is_true(env, "DEBUG"):
        yield "DEBUG is on. Unset it: in production it would show the code to everybody."
    if env.ENVIRON.get("ROSTER_HTTPS") and not _is_true(env, "ROSTER_HTTPS"):
        yield "ROSTER_HTTPS is off. Unset it, and end TLS in front of Roster (docs/operations.md)."
    if env.ENVIRON.get("ROSTER_TRUSTED_PROXIES", "0") == "0":
        yield (
            "ROSTER_TRUSTED_PROXIES is missing. Set it to the number of proxies in front of "
            "Roster, of which the outermost ends TLS; usually 1."
        )


def _is_true(env: environ.Env, name: str) -> bool:
    return env.ENVIRON.get(name, "").lower() in environ.Env.BOOLEAN_TRUE_STRINGS


def _check_level(name: str, value: str) -> Iterator[str]:
    if value not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        yield f"{name} is {value!r}. Set it to DEBUG, INFO, WARNING or ERROR."


def _check_format(name: str, value: str) -> Iterator[str]:
    if value not in {"text", "json"}:
        yield f"{name} is {value!r}. Set it to text or json."


def _check_environment(name: str, value: str) -> Iterator[str]:
    if value not in {"demo", "production"}:
        yield f"{name} is {value!r}. Set it to demo or production."


def _check_secret_key(name: str, value: str) -> Iterator[str]:
    # The value itself is never printed.
    if SAMPLE_KEY.search(value):
        yield f"{name} is a sample that anybody can read. Set it to 50 random characters."
    elif len(value) < SHORTEST_SECRET_KEY or len(set(value)) < 10:
        yield f"{name} is too easy to guess. Set it to 50 random characters."


def _check_secret_keys(name: str, value: str) -> Iterator[str]:
    for entry in value.split(","):
        identifier, _, key = entry.strip().partition(":")
        if not identifier or not _is_key(key):
            yield (
                f"{name} is malformed. Set it to `id:key` with a key of 32 bytes in base64; "
                "several are joined by commas, the newest first."
            )
            return


def _is_key(text: str) -> bool:
    try:
        return len(base64.b64decode(text, validate=True)) == 32
    except (binascii.Error, ValueError):
        return False


def _check_hosts(name: str, value: str) -> Iterator[str]:
    if "*" in [host.strip() for host in value.split(",")]:
        yield f"{name} allows every host. List the names under which people reach Roster."


def _check_url(name: str, value: str) -> Iterator[str]:
    if not re.fullmatch(r"https?://(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d+)?/?", value, re.IGNORECASE):
        yield (
            f"{name} is no address of this portal. Write it as https://roster.example.org, "
            "without a path."
        )


def _check_mail(name: str, value: str) -> Iterator[str]:
    # The value itself may hold a password, so it is not printed.
    remedy = "Write it as smtp+tls://user:password@host:587, or unset it: mails are then printed."
    try:
        address = urlsplit(value)
        named = address.hostname, address.port
    except ValueError:
        yield f"{name} is no address of a mail server. {remedy}"
        return
    if address.scheme not in environ.Env.EMAIL_SCHEMES:
        yield f"{name} begins with none of {', '.join(environ.Env.EMAIL_SCHEMES)}. {remedy}"
    elif address.scheme.startswith("smtp") and not named[0]:
        yield f"{name} names no mail server. {remedy}"


def _check_database(name: str, value: str) -> Iterator[str]:
    try:
        named = conninfo_to_dict(value).get("dbname")
    except ProgrammingError:
        named = None
    if not named or not value.startswith(DATABASE_SCHEMES):
        yield (
            f"{name} is no PostgreSQL address. Write it as "
            "postgresql://user:password@host:5432/database, or unset it for the embedded server."
        )


def _check_broker(name: str, value: str) -> Iterator[str]:
    if not value.startswith(BROKER_SCHEMES):
        yield (
            f"{name} is no address of a queue. Write it as redis://host:6379/0, "
            "amqp://user:password@host/ or pgmq://user:password@host:5432/database, or unset it: "
            "the queue is then in the database."
        )


_CHECKS = {
    "ROSTER_ENV": _check_environment,
    "SECRET_KEY": _check_secret_key,
    "ROSTER_SECRET_KEYS": _check_secret_keys,
    "ALLOWED_HOSTS": _check_hosts,
    "ROSTER_URL": _check_url,
    "EMAIL_URL": _check_mail,
    "DATABASE_URL": _check_database,
    "CELERY_BROKER_URL": _check_broker,
    "LOG_LEVEL": _check_level,
    "LOG_FORMAT": _check_format,
}
