"""Local servers and a resolver that answers what a test tells it."""

import pytest

from tenants.outbound import resolving
from tests.tools.servers import echo_server


@pytest.fixture
def private_networks(settings):
    settings.ALLOW_PRIVATE_NETWORKS = True


@pytest.fixture
def server(private_networks):
    with echo_server() as running:
        yield running


@pytest.fixture
def elsewhere(private_networks):
    """A second server: another port is another origin."""
    with echo_server() as running:
        yield running


@pytest.fixture
def names(monkeypatch):
    """{"host": [addresses of the first question, of the second, …]}; the last answer stays."""
    answers, real = {}, resolving.lookup

    def lookup(host, port):
        if host not in answers:
            return real(host, port)
        turns = answers[host]
        return turns.pop(0) if len(turns) > 1 else turns[0]

    monkeypatch.setattr(resolving, "lookup", lookup)
    return answers
