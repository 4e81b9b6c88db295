"""Which address a request came from, and which addresses a key may be used from."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

MOST_NETWORKS = 50


def client_address(request: HttpRequest) -> Address | None:
    """Where the request came from; None where that can't be told.

    `X-Forwarded-For` counts only behind the configured number of trusted proxies: each appended
    the address it was asked from, so the client's stands that many places from the end. What
    stands before that, and every other header, anybody can make up.
    """
    if not settings.TRUSTED_PROXIES:
        return parsed(request.META.get("REMOTE_ADDR", ""))
    hops = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if len(hops) < settings.TRUSTED_PROXIES:
        return None
    return parsed(hops[-settings.TRUSTED_PROXIES])


def parsed(text: str) -> Address | None:
    """From `192.0.2.1`, `192.0.2.1:443`, `2001:db8::1` or `[2001:db8::1]:443`; else None."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return _unmapped(found)


def _unmapped(found: Address) -> Address:
    """An IPv4 address that came in IPv6's clothes (RFC 4291, 2.5.5.2), as itself."""
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found


def normalised(texts: Iterable[str]) -> list[str]:
    """Addresses and networks in CIDR notation, each once and in its shortest form.

    Raises ValidationError for what is none, or has bits beyond its prefix.
    """
    found: dict[str, None] = {}
    for text in (text.strip() for text in texts):
        try:
            network = _unmapped_network(ip_network(text))
        except ValueError as error:
            raise ValidationError(
                f"“{text[:60]}” is no address or network. Write 192.0.2.0/24 or 2001:db8::/32."
            ) from error
        if getattr(network.network_address, "scope_id", None):
            raise ValidationError(
                f"“{text[:60]}” names a network card, which only that machine has."
            )
        found[str(network)] = None
    if len(found) > MOST_NETWORKS:
        raise ValidationError(f"At most {MOST_NETWORKS} addresses and networks.")
    return list(found)


def _unmapped_network(found: Network) -> Network:
    """As `_unmapped`: what comes from there is compared as IPv4."""
    mapped = found.network_address.ipv4_mapped if isinstance(found, IPv6Network) else None
    return IPv4Network((mapped, found.prefixlen - 96)) if mapped and found.prefixlen > 95 else found


def is_within(address: Address | None, networks: Iterable[str]) -> bool:
    """Whether the address lies in one of the networks."""
    if address is None:
        return False
    return any(address in ip_network(network) for network in networks)


def are_within(networks: Iterable[str], outer: Iterable[str]) -> bool:
    """Whether every network lies in one of the outer ones; no networks at all are all addresses."""
    wide = [ip_network(network) for network in outer]
    narrow = [ip_network(network) for network in networks]
    return bool(narrow) and all(
        any(n.version == w.version and n.subnet_of(w) for w in wide)  # type: ignore[arg-type]  # same version
        for n in narrow
    )
