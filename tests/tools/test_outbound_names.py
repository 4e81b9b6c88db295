"""Names are resolved once per connection, and every answer is checked."""

import socket
import threading

import pytest

from tenants.outbound import OutboundError, fetch, resolving


def test_a_name_for_a_private_address_is_refused(names):
    names["intranet.example"] = [["10.0.0.7"]]

    with pytest.raises(OutboundError, match="private network") as refused:
        fetch("GET", "http://intranet.example/")

    assert refused.value.code == "refused"
    assert "10.0.0.7" not in str(refused.value)


def test_one_bad_answer_among_good_ones_refuses_all(names):
    names["mixed.example"] = [["93.184.215.14", "169.254.169.254"]]

    with pytest.raises(OutboundError, match="link-local"):
        fetch("GET", "http://mixed.example/")


def test_the_checked_answer_is_the_one_connected_to(server, names):
    names["rebind.example"] = [["127.0.0.1"], ["169.254.169.254"]]

    answer = fetch("GET", f"http://rebind.example:{server.port}/")

    assert answer.status_code == 200
    assert server.seen[0]["headers"]["host"] == f"rebind.example:{server.port}"


def test_a_name_that_turns_private_between_redirects_is_refused(server, names):
    names["rebind.example"] = [["127.0.0.1"], ["169.254.169.254"]]
    server.routes["/start"] = lambda seen: (302, {"location": "/next"}, b"")

    with pytest.raises(OutboundError, match="link-local"):
        fetch("GET", f"http://rebind.example:{server.port}/start")


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "[::1]"]
)
def test_every_spelling_of_this_machine_is_refused(host):
    with pytest.raises(OutboundError) as refused:
        fetch("GET", f"http://{host}:1/")

    assert refused.value.code in ("refused", "unreachable")


def test_the_next_address_is_tried_when_the_first_does_not_answer(server, names):
    names["two.example"] = [["127.0.0.2", "127.0.0.1"]]

    assert fetch("GET", f"http://two.example:{server.port}/").status_code == 200


@pytest.mark.parametrize("problem", [socket.gaierror("no such name"), UnicodeError("label")])
def test_an_unknown_name_is_unreachable(monkeypatch, problem):
    def lookup(host, port):
        raise problem

    monkeypatch.setattr(resolving, "lookup", lookup)

    with pytest.raises(OutboundError, match=r"nowhere\.example was not found") as failed:
        fetch("GET", "http://nowhere.example/")

    assert failed.value.code == "unreachable"


def test_a_name_without_addresses_is_unreachable(names):
    names["empty.example"] = [[]]

    with pytest.raises(OutboundError, match="was not found"):
        fetch("GET", "http://empty.example/")


def test_a_resolver_that_hangs_ends_in_time(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(resolving, "lookup", lambda host, port: over.wait(60) or [])

    with pytest.raises(OutboundError, match="in time") as failed:
        fetch("GET", "http://slow.example/", timeout=1)
    over.set()

    assert failed.value.code == "timeout"
