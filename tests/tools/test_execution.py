"""Running HTTP tools against a real server."""

import json

import pytest

from tests.factories.tenants import SecretFactory
from tests.factories.tools import ToolFactory
from tools.execution import execute
from tools.results import OUTPUT_LIMIT
from tools.snapshots import snapshot

CANARY = "canary-7f3a9c51-secret"


@pytest.fixture
def call(tenant, editor, access, server):
    """`call({arguments}, path="/x", **fields)`: a tool at the local server, executed."""

    def run(arguments, path="/orders/{order_id}", **fields):
        tool = ToolFactory(tenant=tenant, url_template=server.url + path, **fields)
        return execute(access(editor), snapshot(tool), arguments)

    return run


def answering(server, body, status=200, kind="application/json"):
    server.routes["/orders/1"] = lambda seen: (status, {"content-type": kind}, body)


def test_arguments_go_into_the_path_and_the_query(call, server):
    result = call({"order_id": "A/1", "verbose": True})

    assert result.ok
    assert server.seen[0]["target"] == "/orders/A%2F1?verbose=true"
    assert result.output_json["method"] == "GET"
    assert result.status_code == 200
    assert result.duration_ms >= 0


def test_the_rest_goes_into_a_json_body(call, server):
    call({"order_id": "1", "verbose": True}, method="POST", send_as="json")

    assert json.loads(server.seen[0]["body"]) == {"verbose": True}
    assert server.seen[0]["headers"]["content-type"] == "application/json"


def test_the_rest_goes_into_a_form_body(call, server):
    call({"order_id": "1", "verbose": False}, method="PUT", send_as="form")

    assert server.seen[0]["body"] == "verbose=false"
    assert server.seen[0]["headers"]["content-type"] == "application/x-www-form-urlencoded"


def test_lists_are_repeated_and_objects_are_json(call, server):
    schema = {
        "type": "object",
        "properties": {"tag": {"type": "array"}, "where": {"type": "object"}, "none": {}},
    }

    call({"tag": ["a", 1], "where": {"x": 1}, "none": None}, path="/", parameters=schema)

    assert server.seen[0]["query"] == [("tag", "a"), ("tag", "1"), ("where", '{"x": 1}')]


def test_fixed_headers_are_sent(call, server):
    call({"order_id": "1"}, headers=[{"name": "X-Team", "value": "billing"}])

    assert server.seen[0]["headers"]["x-team"] == "billing"


@pytest.mark.parametrize(
    ("auth", "header", "value"),
    [
        ({"auth": "bearer"}, "authorization", f"Bearer {CANARY}"),
        ({"auth": "header", "auth_header": "X-Api-Key"}, "x-api-key", CANARY),
        (
            {"auth": "basic", "auth_username": "bot"},
            "authorization",
            "Basic Ym90OmNhbmFyeS03ZjNhOWM1MS1zZWNyZXQ=",
        ),
    ],
)
def test_the_secret_is_sent_and_never_told(call, server, tenant, auth, header, value):
    result = call({"order_id": "1"}, secret=SecretFactory(tenant=tenant, value=CANARY), **auth)

    assert server.seen[0]["headers"][header] == value
    assert result.ok
    for told in (result.output_text, json.dumps(result.output_json), result.request.text):
        assert CANARY not in told
        assert value not in told
    assert "•••" in result.output_text


def test_a_secret_that_was_removed_is_a_failure(call, server, access, editor, tenant):
    secret = SecretFactory(tenant=tenant)
    tool = snapshot(ToolFactory(tenant=tenant, auth="bearer", secret=secret))
    gone = tool.model_copy(update={"secret_id": tool.tool_id})

    result = execute(access(editor), gone, {"order_id": "1"})

    assert (result.ok, result.error_code) == (False, "no_secret")
    assert server.seen == []


def test_another_tenants_secret_is_not_found(call, access, stranger, other_tenant, tenant):
    tool = ToolFactory(tenant=tenant, auth="bearer", secret=SecretFactory(tenant=tenant))

    result = execute(access(stranger, other_tenant), snapshot(tool), {"order_id": "1"})

    assert result.error_code == "no_secret"


def test_arguments_that_do_not_fit_are_never_sent(call, server):
    result = call({"order_id": 5, "invented": "x"})

    assert (result.ok, result.error_code) == (False, "bad_arguments")
    assert "invented" in result.error
    assert server.seen == []


def test_an_argument_that_can_not_stand_in_the_path_is_never_sent(call, server):
    result = call({"order_id": ".."})

    assert (result.ok, result.error_code) == (False, "bad_arguments")
    assert server.seen == []


@pytest.mark.parametrize(("status", "phrase"), [(404, "404 Not Found"), (299, ""), (599, "599")])
def test_an_error_status_is_a_failure_with_the_body(call, server, status, phrase):
    answering(server, b"gone", status, "text/plain")

    result = call({"order_id": "1"})

    assert result.ok is (status < 300)
    assert phrase in result.error
    assert result.output_text == "gone"
    assert result.status_code == status


def test_a_private_network_is_a_failure(call, server, settings):
    settings.ALLOW_PRIVATE_NETWORKS = False

    result = call({"order_id": "1"})

    assert (result.ok, result.error_code) == (False, "refused")
    assert "this machine" in result.error
    assert server.seen == []


def test_a_long_answer_is_cut_and_says_so(call, server):
    answering(server, json.dumps(["x" * (OUTPUT_LIMIT + 100)]).encode())

    result = call({"order_id": "1"})

    assert result.ok
    assert result.output_json is None
    assert result.output_text.endswith("of 16,104 characters.]")


def test_an_answer_that_is_no_text_is_named_only(call, server):
    answering(server, b"\x89PNG\x00", kind="image/png")

    assert call({"order_id": "1"}).output_text == "[5 bytes of image/png, not shown]"


@pytest.mark.parametrize(
    ("body", "parsed"),
    [
        (b'{"a": "x\\u0000y"}', {"a": "x�y"}),
        (b'{"a": "\\ud800"}', None),
        (b'{"a": NaN}', None),
        (b"[" * 5000, None),
        (b"not json", None),
        (b'"caf\xc3\xa9"', "café"),
    ],
)
def test_only_json_that_can_be_kept_is_parsed(call, server, body, parsed):
    answering(server, body)

    result = call({"order_id": "1"})

    assert result.ok
    assert result.output_json == parsed
    assert "\x00" not in result.output_text


def test_the_model_reads_errors_and_silence(call, server):
    answering(server, b"", 204, "text/plain")
    silent = call({"order_id": "1"})
    answering(server, b"no such order", 404, "text/plain")
    failed = call({"order_id": "1"})

    assert silent.text_for_model == "Done; there was no output."
    assert failed.text_for_model == "Error: The server answered 404 Not Found.\n\nno such order"
