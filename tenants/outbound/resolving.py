"""From a name to addresses that were all checked. Asked once per connection, so that the answer
that was checked is the answer that is connected to (DNS rebinding has no second question)."""

import socket
from queue import Empty, SimpleQueue
from threading import Thread

from django.conf import settings

from tenants.outbound.addresses import refusal
from tenants.outbound.errors import OutboundError


def checked_addresses(host: str, port: int, timeout: float | None) -> list[str]:
    """All addresses of a host. Raises OutboundError where a single one of them is refused."""
    addresses = list(dict.fromkeys(_lookup_within(host, port, timeout)))
    for address in addresses:
        # The address itself isn't told: it would draw a map of the operator's network.
        if why := refusal(address, allow_private=settings.ALLOW_PRIVATE_NETWORKS):
            raise OutboundError("refused", f"{host} may not be reached: it is {why}.")
    if not addresses:
        raise OutboundError("unreachable", f"The host {host} was not found.")
    return addresses


def lookup(host: str, port: int) -> list[str]:
    """Ask the system's resolver. Tests put a fake one in its place."""
    answers = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    return [str(answer[4][0]) for answer in answers]


def _lookup_within(host: str, port: int, timeout: float | None) -> list[str]:
    # getaddrinfo knows no time limit of its own, so it gets a thread that can be left behind.
    answer: SimpleQueue[list[str] | Exception] = SimpleQueue()
    Thread(target=_answer, args=(answer, host, port), daemon=True, name="resolve").start()
    try:
        result = answer.get(timeout=timeout)
    except Empty:
        raise OutboundError("timeout", f"The host {host} could not be looked up in time.") from None
    if isinstance(result, Exception):
        raise OutboundError("unreachable", f"The host {host} was not found.") from result
    return result


def _answer(answer: SimpleQueue[list[str] | Exception], host: str, port: int) -> None:
    try:
        answer.put(lookup(host, port))
    except (OSError, UnicodeError) as problem:  # UnicodeError: a label that is too long
        answer.put(problem)
