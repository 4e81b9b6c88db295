import random
import socket
from contextlib import suppress

import pytest

# Below those that the system gives to outgoing connections, which may take one before it is used.
PORTS = range(20_000, 30_000)


@pytest.fixture
def free_port():
    while True:
        port = random.SystemRandom().choice(PORTS)
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return port
