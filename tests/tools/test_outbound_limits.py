"""No answer may take more time or memory than it was given."""

import gzip
import time
import zlib

import httpx2
import pytest

from tenants.outbound import OutboundError, client, fetch
from tests.tools.servers import BOMB, raw_server


def gzipped(body, encoding="gzip"):
    return lambda seen: (200, {"content-encoding": encoding}, body)


def test_an_answer_over_the_limit_is_refused(server):
    server.routes["/big"] = lambda seen: (200, {}, b"x" * 1001)

    with pytest.raises(OutboundError, match="larger than 1,000 bytes") as refused:
        fetch("GET", f"{server.url}/big", max_bytes=1000)

    assert refused.value.code == "too_large"


def test_an_answer_of_exactly_the_limit_passes(server):
    server.routes["/big"] = lambda seen: (200, {}, b"x" * 1000)

    assert len(fetch("GET", f"{server.url}/big", max_bytes=1000).content) == 1000


def test_the_limit_counts_what_was_decompressed(server):
    server.routes["/bomb"] = gzipped(BOMB)

    with pytest.raises(OutboundError) as refused:
        fetch("GET", f"{server.url}/bomb")

    assert refused.value.code == "too_large"


def test_a_bomb_in_a_bomb_is_no_different(server):
    server.routes["/bomb"] = gzipped(gzip.compress(BOMB), "gzip, gzip")

    with pytest.raises(OutboundError) as refused:
        fetch("GET", f"{server.url}/bomb")

    assert refused.value.code == "too_large"


@pytest.mark.parametrize(
    ("encoding", "pack"), [("gzip", gzip.compress), ("deflate", zlib.compress)]
)
def test_a_compressed_answer_is_read(server, encoding, pack):
    server.routes["/packed"] = gzipped(pack(b"hello"), encoding)

    answer = fetch("GET", f"{server.url}/packed")

    assert answer.text == "hello"
    assert "content-encoding" not in answer.headers


def test_a_damaged_compressed_answer_is_a_bad_answer(server):
    server.routes["/broken"] = gzipped(b"not gzip at all")

    with pytest.raises(OutboundError) as failed:
        fetch("GET", f"{server.url}/broken")

    assert failed.value.code == "bad_answer"


DRIPS, GAP = 400, 0.05


def dripping(start):
    return [start, *([b"x"] * DRIPS)]


@pytest.mark.parametrize(
    "start",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nx-slow: ",
        b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n",
    ],
)
def test_a_slow_drip_ends_when_the_time_is_over(private_networks, start):
    with raw_server(dripping(start), gap=GAP) as url:
        began = time.monotonic()
        with pytest.raises(OutboundError) as failed:
            fetch("GET", url, timeout=0.4)

    assert failed.value.code in ("timeout", "bad_answer")
    assert time.monotonic() - began < DRIPS * GAP / 2


def test_headers_without_end_are_refused(private_networks):
    endless = [b"HTTP/1.1 200 OK\r\n", *([b"x-filler: " + b"y" * 1000 + b"\r\n"] * 500)]

    with raw_server(endless) as url, pytest.raises(OutboundError) as failed:
        fetch("GET", url, timeout=5)

    assert failed.value.code == "bad_answer"


def test_headers_over_the_limit_are_refused(server):
    server.routes["/"] = lambda seen: (200, {"x-filler": "y" * 40_000}, b"")

    with pytest.raises(OutboundError, match="headers") as refused:
        fetch("GET", f"{server.url}/")

    assert refused.value.code == "too_large"


@pytest.mark.parametrize("garbage", [b"", b"SSH-2.0-OpenSSH\r\n", b"\x00\x01\x02\x03\r\n\r\n"])
def test_garbage_is_a_bad_answer(private_networks, garbage):
    with raw_server([garbage]) as url, pytest.raises(OutboundError) as failed:
        fetch("GET", url, timeout=2)

    assert failed.value.code in ("bad_answer", "unreachable")


def test_a_cut_answer_is_never_taken_for_a_whole_one(private_networks):
    cut = b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this"

    with raw_server([cut]) as url, pytest.raises(OutboundError) as failed:
        fetch("GET", url, timeout=2)

    assert failed.value.code == "bad_answer"


def test_the_clients_answers_have_the_same_limits(server):
    server.routes["/bomb"] = gzipped(BOMB)
    with client() as http:
        http._transport._max_bytes = 1_000_000

        with pytest.raises(OutboundError, match="larger"):
            http.get(f"{server.url}/bomb")


def test_the_clients_time_limit_is_for_the_whole_answer(private_networks):
    start = b"HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n"

    with raw_server(dripping(start), gap=GAP) as url, client(total_seconds=0.4) as http:
        began = time.monotonic()
        with pytest.raises(Exception, match=r"over|timed out"):
            http.get(url)

    assert time.monotonic() - began < DRIPS * GAP / 2


def test_a_client_does_not_wait_longer_for_one_piece_than_for_the_whole(private_networks):
    start = b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n"

    with raw_server([start, b"x"], gap=60) as url, client(timeout=60, total_seconds=0.3) as http:
        began = time.monotonic()
        with pytest.raises(httpx2.ReadTimeout):
            http.get(url)

    assert time.monotonic() - began < 30
