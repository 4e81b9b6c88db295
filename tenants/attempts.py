"""How often passwords, codes and mails may be tried: counted exactly, for all processes together.

django-axes locks the pair of an account and an address out after a few wrong passwords. Here are
the limits that it can't give: for an account from everywhere, for an address over all accounts,
for second factors, and for mails that anybody can ask for.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import Any

from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from axes.models import AccessAttempt
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

from tenants.addresses import Address, Network, client_address
from tenants.models import Attempt, User


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times within a period, which begins with the first."""

    times: int
    period: timedelta


LIMITS = {
    # Far above what axes allows one address, so that nobody is locked out by a stranger's typing.
    "password of": Limit(30, timedelta(minutes=15)),
    "password from": Limit(100, timedelta(minutes=15)),
    # Six digits, three of them valid at a time: five tries find one in 70,000.
    "code of": Limit(5, timedelta(minutes=15)),
    "passkey from": Limit(30, timedelta(minutes=15)),
    "reset of": Limit(3, timedelta(hours=1)),
    "reset from": Limit(20, timedelta(hours=1)),
    "mail of": Limit(5, timedelta(hours=1)),
    # To one mailbox from one organisation, whoever sends them and whether anew or once more.
    "invitation to": Limit(5, timedelta(days=1)),
}

# Who can't be told apart is counted together.
NOWHERE = "0.0.0.0"  # noqa: S104  # nosec B104 - no address to listen on

_COUNT = """
INSERT INTO tenants_attempt AS present (key, count, ends_at) VALUES (%(key)s, 1, %(ends_at)s)
ON CONFLICT (key) DO UPDATE SET
    count = CASE WHEN present.ends_at <= %(now)s THEN 1 ELSE present.count + 1 END,
    ends_at = CASE WHEN present.ends_at <= %(now)s THEN EXCLUDED.ends_at ELSE present.ends_at END
RETURNING count, ends_at
"""


class TooManyAttempts(Exception):
    """The limit is reached until `until`."""

    def __init__(self, until: datetime) -> None:
        super().__init__(f"Too many attempts until {until:%H:%M}.")
        self.until = until


def take(kind: str, who: object) -> None:
    """Count one attempt before it is made. Raises TooManyAttempts beyond the limit."""
    now, limit = timezone.now(), LIMITS[kind]
    values: dict[str, str | datetime] = {
        "key": _key(kind, who),
        "now": now,
        "ends_at": now + limit.period,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        count, ends_at = cursor.fetchone()
    if count > limit.times:
        raise TooManyAttempts(ends_at)


def forget(kind: str, who: object) -> None:
    """Begin to count anew: it succeeded, or an operator says so."""
    Attempt.objects.filter(key=_key(kind, who)).delete()


def give_back(kind: str, who: object) -> None:
    """Take one attempt off again, for an address that others may be guessing from, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tenants_attempt SET count = count - 1 WHERE key = %s AND count > 0",
            [_key(kind, who)],
        )


def forget_past() -> None:
    """Remove counters whose period is over."""
    Attempt.objects.filter(ends_at__lte=timezone.now()).delete()


def address_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """Who signs in, in one spelling, for axes: counters are for people, not for spellings."""
    email = (credentials or {}).get("email") or request.POST.get("login", "")
    return str(email).strip().lower()


def locked_until(request: HttpRequest) -> datetime:
    """When axes lets this account try again from this address."""
    mine = {"username": address_of(request), "ip_address": machine_of(request)}
    last = AccessAttempt.objects.filter(**mine).order_by("-attempt_time").first()
    return (last.attempt_time if last else timezone.now()) + (get_cool_off() or timedelta())


def unlock(email: str) -> None:
    """Let somebody try again at once."""
    AxesProxyHandler.reset_attempts(username=email)
    for kind in ("password of", "reset of"):
        forget(kind, email)
    for person in User.objects.filter(email=email):
        forget("code of", person.pk)
        forget("mail of", person.pk)


def unlock_machine(address: Address) -> None:
    """Let everybody behind an address, or on its line, try again at once."""
    line = _line(address)
    tried = AccessAttempt.objects.exclude(ip_address=None).values_list("ip_address", flat=True)
    for each in {one for one in tried if ip_address(one) in line}:
        AxesProxyHandler.reset_attempts(ip_address=each)
    for kind in ("password from", "passkey from", "reset from"):
        forget(kind, address)


def machine_of(request: HttpRequest) -> str:
    """The client's address, by the proxies that the operator trusts and by no other header."""
    return str(client_address(request) or NOWHERE)


def _line(address: Address) -> Network:
    """What one line has: an address of IPv4, of IPv6 a network of 2^64 (RFC 6177)."""
    return ip_network((address.packed, 64 if address.version == 6 else 32), strict=False)


def _key(kind: str, who: object) -> str:
    who = _line(ip_address(str(who))) if kind.endswith(" from") else who
    return hashlib.sha256(f"{kind} {who}".encode(errors="replace")).hexdigest()
