"""What leaves the process, and what is made of the answer."""

import json

import pytest
from openai import APIConnectionError, OpenAI

from tenants.outbound import OutboundError, client, fetch, resolving, transport


def test_a_request_arrives_as_it_was_asked_for(server):
    answer = fetch(
        "POST",
        f"{server.url}/a%20b?x=1",
        headers={"X-One": "1"},
        params=[("x", "2"), ("y", "ü&=")],
        json={"n": 1},
    )

    seen = answer.json()
    assert seen["query"] == [["x", "1"], ["x", "2"], ["y", "ü&="]]
    assert (seen["path"], seen["body"]) == ("/a%20b", '{"n":1}')
    assert seen["headers"]["x-one"] == "1"
    assert seen["headers"]["user-agent"] == "Roster"


def test_a_form_and_a_raw_body_arrive(server):
    form = fetch("POST", server.url, form={"a": "1", "b": ["2", "3"]}).json()
    raw = fetch("PUT", server.url, content=b"raw").json()

    assert form["body"] == "a=1&b=2&b=3"
    assert raw["body"] == "raw"


@pytest.mark.parametrize(
    ("content_type", "body", "text"),
    [
        ("text/plain", "ü".encode(), "ü"),
        ("text/plain; charset=iso-8859-1", b"\xfc", "ü"),
        ("text/plain; charset=punycode", "ü".encode(), "ü"),
        ("text/plain; charset=no-such-thing", "ü".encode(), "ü"),
        ("text/plain", b"\xff", "�"),
    ],
)
def test_the_body_is_decoded_without_surprises(server, content_type, body, text):
    server.routes["/"] = lambda seen: (200, {"content-type": content_type}, body)

    assert fetch("GET", f"{server.url}/").text == text


def test_proxies_and_netrc_of_the_environment_are_ignored(server, monkeypatch, tmp_path):
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password canary")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    with client() as http:
        answers = [fetch("GET", server.url).json(), http.get(server.url).json()]

    assert all("authorization" not in answer["headers"] for answer in answers)


def test_nobody_listening_is_unreachable(private_networks):
    with pytest.raises(OutboundError, match="can't be reached") as failed:
        fetch("GET", "http://127.0.0.1:1/")

    assert failed.value.code == "unreachable"


def test_the_client_is_guarded_too(names):
    names["metadata.example"] = [["169.254.169.254"]]

    with client() as http, pytest.raises(OutboundError, match="link-local"):
        http.get("http://metadata.example/")


def test_the_client_refuses_what_is_no_plain_url():
    with client() as http, pytest.raises(OutboundError, match="user name"):
        http.get("http://user:password@example.com/")


def test_the_client_does_not_follow_redirects(server):
    server.routes["/old"] = lambda seen: (302, {"location": "/new"}, b"")

    with client() as http:
        assert http.get(f"{server.url}/old").status_code == 302


def test_the_client_keeps_its_connections(server, monkeypatch):
    asked, real = [], resolving.lookup
    monkeypatch.setattr(resolving, "lookup", lambda *name: asked.append(name) or real(*name))

    with client() as http:
        for _ in range(3):
            http.get(server.url)

    assert len(asked) == 1


def test_sockets_of_this_machine_are_not_reached():
    backend = transport()._pool._network_backend

    with pytest.raises(OutboundError):
        backend.connect_unix_socket("/run/docker.sock")


def event(text):
    choice = {"index": 0, "delta": {"content": text}}
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**chunk, 'choices': [choice]})}\n\n"


def test_a_vendors_sdk_streams_through_the_guard(server):
    body = (event("Hel") + event("lo") + "data: [DONE]\n\n").encode()
    stream = {"content-type": "text/event-stream"}
    server.routes["/v1/chat/completions"] = lambda seen: (200, stream, body)
    sdk = OpenAI(base_url=f"{server.url}/v1", api_key="sk-x", http_client=client())

    chunks = sdk.chat.completions.create(model="m", messages=[], stream=True)

    assert "".join(chunk.choices[0].delta.content for chunk in chunks) == "Hello"


def test_a_vendors_sdk_reports_a_refusal_as_its_own_error(names):
    names["metadata.example"] = [["169.254.169.254"]]
    sdk = OpenAI(
        base_url="http://metadata.example/v1",
        api_key="sk-x",
        http_client=client(),
        max_retries=0,
    )

    with pytest.raises(APIConnectionError) as failed:
        sdk.models.list()

    assert isinstance(failed.value.__cause__, OutboundError)
