"""Adding tools."""

import json

import pytest

from tenants import secrets
from tests.factories.tools import ORDER_PARAMETERS, ToolFactory
from tools.models import Tool

URL = "/t/acme/tools/new/"
BUILTIN = "/t/acme/tools/new/builtin/"
FILLED = {
    "name": "Order status",
    "description": "Returns the status of an order.",
    "method": "GET",
    "url_template": "https://api.example.com/orders/{order_id}",
    "send_as": "query",
    "parameters": json.dumps(ORDER_PARAMETERS),
    "headers": "Accept: application/json\n\nX-Team: a:b",
    "auth": "none",
    "timeout_seconds": "20",
}


def test_an_http_tool_is_added(page, editor):
    response = page(editor).post(URL, FILLED)

    tool = Tool.unscoped.get()
    assert response["Location"] == tool.get_absolute_url()
    assert tool.slug == "order_status"
    assert tool.headers == [
        {"name": "Accept", "value": "application/json"},
        {"name": "X-Team", "value": "a:b"},
    ]


def test_a_secret_is_kept_and_not_shown(page, editor):
    client = page(editor)

    client.post(URL, {**FILLED, "auth": "bearer", "secret": "canary-7f3a9c51-secret"})

    tool = Tool.unscoped.get()
    assert secrets.reveal(tool.secret) == "canary-7f3a9c51-secret"
    for path in (tool.get_absolute_url(), f"{tool.get_absolute_url()}edit/"):
        html = client.get(path).content.decode()
        assert "canary" not in html
        assert "…cret" in html


def test_a_form_with_errors_comes_back_with_what_was_typed_but_the_secret(page, editor):
    sent = {**FILLED, "auth": "bearer", "secret": "canary", "url_template": "https://{x}/"}

    response = page(editor).post(URL, sent)

    html = response.content.decode()
    assert response.status_code == 422
    assert "arguments never choose it" in html
    assert "Order status" in html
    assert "canary" not in html
    assert not Tool.unscoped.exists()


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("parameters", "{not json", "Enter a valid JSON"),
        ("parameters", "[" * 5000, "valid JSON|too deep"),
        ("parameters", '{"type": "array"}', "has to be an object"),
        ("headers", "no colon here", "has no colon"),
        ("headers", "Host: evil.example", "set by Roster itself"),
        ("slug", "Not One", "Small letters"),
        ("method", "TRACE", "valid choice"),
        ("timeout_seconds", "999", "less than or equal"),
        ("url_template", "", "required"),
        ("auth", "bearer", "Type the secret"),
    ],
)
def test_what_is_not_right_is_told_beside_the_field(page, editor, field, value, told):
    response = page(editor).post(URL, {**FILLED, field: value})

    errors = " ".join(response.context["form"].errors.get(field, []))
    if field == "auth":
        errors = " ".join(response.context["form"].errors["secret"])
    assert response.status_code == 422
    assert any(part in errors for part in told.split("|"))


def test_a_taken_name_is_told(page, editor, tenant):
    ToolFactory(tenant=tenant, name="Order status")

    response = page(editor).post(URL, FILLED)

    assert response.status_code == 422
    assert "Another tool has this name" in response.content.decode()


def test_an_empty_form_is_not_taken_for_a_look(page, editor):
    assert page(editor).post(URL, {}).status_code == 422
    assert page(editor).post(BUILTIN, {}).status_code == 422


def test_a_built_in_is_added(page, editor):
    sent = {"name": "Clock", "builtin": "current_time", "kind": "http", "url_template": "x"}

    page(editor).post(BUILTIN, sent)

    tool = Tool.unscoped.get()
    assert (tool.kind, tool.builtin, tool.slug) == ("builtin", "current_time", "clock")
    assert "weekday" in tool.description
    assert tool.url_template == ""


@pytest.mark.parametrize("url", [URL, BUILTIN])
def test_only_those_who_may_change_tools_add_some(page, viewer, contributor, editor, url):
    assert page(viewer).get(url).status_code == 403
    assert page(contributor).post(url, FILLED).status_code == 403
    assert page(editor).get(url).status_code == 200
