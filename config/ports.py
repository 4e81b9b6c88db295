"""Is the address free to listen on?"""

import errno
import socket


class PortTaken(Exception):
    """The address can't be used; the message is for a person and names the remedy."""


def require_free(host: str, port: int) -> None:
    """Raise `PortTaken` unless a server could listen there now.

    Asked beforehand because Granian shares a port with whoever else allows it.
    """
    if not 0 < port < 65536:
        raise PortTaken(f"There is no port {port}. Choose one from 1024 to 65535: --port 8000")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
            probe.listen(1)
    except OSError as error:
        raise PortTaken(_remedy(host, port, error)) from error


def _remedy(host: str, port: int, error: OSError) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program. Stop it, or choose another: --port 8001"
    if isinstance(error, PermissionError):
        return f"Port {port} is reserved for root. Choose one from 1024 on: --port 8000"
    return f"{host} is no address of this machine ({error}). Use --host 127.0.0.1 or 0.0.0.0"
