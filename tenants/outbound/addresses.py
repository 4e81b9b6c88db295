"""Which network addresses may be connected to: a table, the longest matching prefix decides.

Python's `is_global` is no guard: it passes 192.0.0.192 (a metadata server), 64:ff9b::a9fe:a9fe
(another, through NAT64), 6to4, site-local and multicast. The table follows IANA's registries of
special-purpose addresses and adds the clouds' metadata servers that lie elsewhere.
"""

from enum import Enum
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network


class Verdict(Enum):
    PUBLIC = "public"
    PRIVATE = "private"  # allowed where the operator allows private networks
    NEVER = "never"


_PUBLIC, _PRIVATE, _NEVER = Verdict.PUBLIC, Verdict.PRIVATE, Verdict.NEVER

_ROWS: tuple[tuple[str, Verdict, str], ...] = (
    # IPv4: public unless said otherwise.
    ("0.0.0.0/0", _PUBLIC, "a public address"),
    ("0.0.0.0/8", _NEVER, "an address of this network"),
    ("10.0.0.0/8", _PRIVATE, "a private network"),
    ("100.64.0.0/10", _PRIVATE, "a carrier's shared network"),
    ("100.100.100.200/32", _NEVER, "a cloud's metadata server"),
    ("127.0.0.0/8", _PRIVATE, "this machine"),
    ("168.63.129.16/32", _NEVER, "a cloud's metadata server"),
    ("169.254.0.0/16", _NEVER, "a link-local address"),
    ("172.16.0.0/12", _PRIVATE, "a private network"),
    ("192.0.0.0/24", _NEVER, "an address reserved for protocols"),
    ("192.0.2.0/24", _NEVER, "an address for documentation"),
    ("192.31.196.0/24", _NEVER, "an address reserved for name servers"),
    ("192.52.193.0/24", _NEVER, "an address reserved for multicast tunnels"),
    ("192.88.99.0/24", _NEVER, "a 6to4 relay"),
    ("192.168.0.0/16", _PRIVATE, "a private network"),
    ("192.175.48.0/24", _NEVER, "an address reserved for name servers"),
    ("198.18.0.0/15", _NEVER, "an address for benchmarks"),
    ("198.51.100.0/24", _NEVER, "an address for documentation"),
    ("203.0.113.0/24", _NEVER, "an address for documentation"),
    ("224.0.0.0/4", _NEVER, "a multicast address"),
    ("240.0.0.0/4", _NEVER, "a reserved or broadcast address"),
    # IPv6: only global unicast, and that with exceptions. The rows outside 2000::/3 name what
    # is refused anyway, for the message.
    ("::/0", _NEVER, "no globally routed address"),
    ("2000::/3", _PUBLIC, "a public address"),
    ("::/96", _NEVER, "an IPv4-compatible address"),
    ("::1/128", _PRIVATE, "this machine"),
    ("::ffff:0:0/96", _NEVER, "an IPv4-mapped address"),
    ("::ffff:0:0:0/96", _NEVER, "an IPv4-translated address"),
    ("64:ff9b::/96", _NEVER, "an IPv4 address behind NAT64"),
    ("64:ff9b:1::/48", _NEVER, "an IPv4 address behind NAT64"),
    ("100::/64", _NEVER, "a discard-only address"),
    ("2001::/23", _NEVER, "an address reserved for protocols (Teredo among them)"),
    ("2001:db8::/32", _NEVER, "an address for documentation"),
    ("2002::/16", _NEVER, "an IPv4 address behind 6to4"),
    ("2620:4f:8000::/48", _NEVER, "an address reserved for name servers"),
    ("3ffe::/16", _NEVER, "an address of a retired test network"),
    ("3fff::/20", _NEVER, "an address for documentation"),
    ("5f00::/16", _NEVER, "a segment routing address"),
    ("fc00::/7", _PRIVATE, "a private network"),
    ("fd00:ec2::/32", _NEVER, "a cloud's metadata server"),
    ("fd20:ce::254/128", _NEVER, "a cloud's metadata server"),
    ("fe80::/10", _NEVER, "a link-local address"),
    ("fec0::/10", _NEVER, "a site-local address"),
    ("ff00::/8", _NEVER, "a multicast address"),
)
_TABLE: tuple[tuple[IPv4Network | IPv6Network, Verdict, str], ...] = tuple(
    (ip_network(network), verdict, what) for network, verdict, what in _ROWS
)


def refusal(address: str, *, allow_private: bool) -> str | None:
    """What speaks against connecting to this address ("a private network"), or None."""
    try:
        ip = ip_address(address)
    except ValueError:
        return "no address"
    if getattr(ip, "scope_id", None):
        return "a link-local address"
    _, verdict, what = max(
        (row for row in _TABLE if row[0].version == ip.version and ip in row[0]),
        key=lambda row: row[0].prefixlen,
    )
    allowed = verdict is _PUBLIC or (verdict is _PRIVATE and allow_private)
    return None if allowed else what
