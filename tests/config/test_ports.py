"""An address that can't be listened on is named before anything starts."""

import socket

import pytest

from config import ports


def test_a_free_port_is_fine(free_port):
    ports.require_free("127.0.0.1", free_port)


def test_asking_does_not_take_the_port(free_port):
    ports.require_free("127.0.0.1", free_port)

    ports.require_free("127.0.0.1", free_port)


def test_a_taken_port_is_named_even_where_its_owner_would_share_it():
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        with pytest.raises(ports.PortTaken, match=f"Port {port} is taken.*--port"):
            ports.require_free("127.0.0.1", port)


@pytest.mark.parametrize(
    ("host", "port"), [("127.0.0.1", 70000), ("127.0.0.1", 0), ("192.0.2.1", 8000)]
)
def test_an_impossible_address_is_named_with_a_remedy(host, port):
    with pytest.raises(ports.PortTaken, match="--"):
        ports.require_free(host, port)
