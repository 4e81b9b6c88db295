"""Redirects are followed by hand, and each one is judged again."""

import pytest

from tenants.outbound import OutboundError, fetch


def to(location, status=302):
    return lambda seen: (status, {"location": location}, b"")


def test_a_redirect_on_the_same_server_keeps_the_credentials(server):
    server.routes["/old"] = to("/new?x=1")

    answer = fetch("GET", f"{server.url}/old", headers={"Authorization": "Bearer abc"})

    assert answer.url == f"{server.url}/new?x=1"
    assert answer.redirects == 1
    assert server.seen[-1]["headers"]["authorization"] == "Bearer abc"


@pytest.mark.parametrize("header", ["Authorization", "X-Api-Key", "Cookie", "Proxy-Authorization"])
def test_a_redirect_to_another_origin_drops_credentials_of_any_name(server, elsewhere, header):
    server.routes["/old"] = to(f"{elsewhere.url}/new")

    fetch("GET", f"{server.url}/old", headers={header: "abc", "Accept-Language": "nl"})

    seen = elsewhere.seen[0]["headers"]
    assert "abc" not in seen.values()
    assert seen["accept-language"] == "nl"


@pytest.mark.parametrize(
    "location",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://[::ffff:169.254.169.254]/",
        "//169.254.169.254/",
        "http://user:pass@127.0.0.1/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
        "http:\\\\169.254.169.254/",
        "/next\\@evil.example",
        "/next page",
        "http://127.0.0.1:99999/",
    ],
)
def test_a_redirect_to_what_may_not_be_reached_is_refused(server, location):
    server.routes["/old"] = to(location)

    with pytest.raises(OutboundError) as refused:
        fetch("GET", f"{server.url}/old")

    assert refused.value.code == "refused"
    assert len(server.seen) == 1


def test_three_redirects_are_followed_and_no_fourth(server):
    for number in range(5):
        server.routes[f"/{number}"] = to(f"/{number + 1}")

    assert fetch("GET", f"{server.url}/2").redirects == 3
    with pytest.raises(OutboundError) as refused:
        fetch("GET", f"{server.url}/1")

    assert refused.value.code == "too_many_redirects"


@pytest.mark.parametrize(
    ("status", "method", "body"),
    [
        (301, "GET", ""),
        (302, "GET", ""),
        (303, "GET", ""),
        (307, "POST", "{}"),
        (308, "POST", "{}"),
    ],
)
def test_the_status_decides_whether_the_body_goes_along(server, status, method, body):
    server.routes["/old"] = to("/new", status)

    fetch("POST", f"{server.url}/old", json={})

    assert (server.seen[-1]["method"], server.seen[-1]["body"]) == (method, body)
    assert ("content-type" in server.seen[-1]["headers"]) is bool(body)


def test_a_body_is_not_carried_to_another_origin(server, elsewhere):
    server.routes["/old"] = to(f"{elsewhere.url}/new", 307)

    with pytest.raises(OutboundError, match="with its body"):
        fetch("POST", f"{server.url}/old", json={"private": 1})

    assert elsewhere.seen == []


def test_a_head_request_stays_one(server):
    server.routes["/old"] = to("/new")

    fetch("HEAD", f"{server.url}/old")

    assert server.seen[-1]["method"] == "HEAD"


def test_a_redirect_without_a_location_is_an_answer(server):
    server.routes["/old"] = lambda seen: (302, {}, b"nowhere")

    assert fetch("GET", f"{server.url}/old").text == "nowhere"


def test_all_redirects_share_the_time(server):
    server.routes["/old"] = to("/old")

    with pytest.raises(OutboundError) as refused:
        fetch("GET", f"{server.url}/old", timeout=0)

    assert refused.value.code == "timeout"
