"""The page of a tool: what it is, trying it, deleting it."""

import pytest

from tenants import usage
from tenants.models import AuditEvent
from tests.factories.tenants import SecretFactory
from tests.factories.tools import BuiltinToolFactory, ToolFactory
from tools.models import Tool

SCHEMA = {
    "type": "object",
    "properties": {
        "order_id": {"type": "string", "description": "<b>Bold</b>"},
        "count": {"type": "integer"},
        "price": {"type": "number", "default": 1.5},
        "fast": {"type": "boolean", "default": True},
        "size": {"type": "string", "enum": ["S", "L"]},
        "tags": {"type": "array", "items": {"type": "string"}},
        "items": True,
    },
    "required": ["order_id"],
}


@pytest.fixture
def tool(tenant, server):
    return ToolFactory(
        tenant=tenant,
        name="Order status",
        url_template=server.url + "/orders/{order_id}",
        parameters=SCHEMA,
        auth="bearer",
        secret=SecretFactory(tenant=tenant, value="canary-7f3a9c51-secret"),
    )


def attempt(page, user, tool, htmx=False, **arguments):
    sent = {f"arg-{name}": value for name, value in arguments.items()}
    sent = {"json": arguments["json"]} if "json" in arguments else sent
    headers = {"HX-Request": "true"} if htmx else {}
    return page(user).post(f"{tool.get_absolute_url()}try/", sent, headers=headers)


def test_the_page_tells_what_the_tool_is(page, viewer, tool):
    html = page(viewer).get(tool.get_absolute_url()).content.decode()

    assert "/orders/{order_id}" in html
    assert "&lt;b&gt;Bold" in html
    assert "canary" not in html
    assert "Try it" not in html


def test_a_tool_is_really_called(page, editor, tool, server):
    response = attempt(
        page, editor, tool, order_id="A 1", count="3", fast="false", size="L", tags='["x"]'
    )

    html = response.content.decode()
    assert response.status_code == 200
    assert server.seen[0]["path"] == "/orders/A%201"
    assert dict(server.seen[0]["query"]) == {
        "count": "3",
        "price": "1.5",
        "fast": "false",
        "size": "L",
        "tags": "x",
    }
    assert "It worked" in html
    assert "HTTP 200" in html
    assert "canary" not in html
    assert AuditEvent.unscoped.filter(action="tool.tested").count() == 1


def test_all_arguments_can_be_given_as_json(page, editor, tool, server):
    attempt(page, editor, tool, json='{"order_id": "B2"}')

    assert server.seen[0]["path"] == "/orders/B2"


def test_a_failure_is_shown(page, editor, tool, server):
    server.routes["/orders/1"] = lambda seen: (503, {}, b"<script>down</script>")

    html = attempt(page, editor, tool, order_id="1").content.decode()

    assert "The server answered 503 Service Unavailable." in html
    assert "&lt;script&gt;down" in html


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ({}, "This field is required"),
        ({"order_id": "1", "count": "many"}, "Enter a whole number"),
        ({"order_id": "1", "tags": "["}, "Enter a valid JSON"),
        ({"order_id": "1", "tags": "[" * 5000}, "JSON"),
        ({"json": "{"}, "Enter a valid JSON"),
    ],
)
def test_what_can_not_be_read_is_told(page, editor, tool, server, arguments, told):
    response = attempt(page, editor, tool, **arguments)

    assert response.status_code == 422
    assert told in response.content.decode()
    assert server.seen == []


def test_what_does_not_fit_the_schema_is_told(page, editor, tool, server):
    response = attempt(page, editor, tool, json='["order_id"]')

    assert "have to be a JSON object" in response.content.decode()
    assert server.seen == []


def test_htmx_gets_the_trial_alone(page, editor, tool):
    html = attempt(page, editor, tool, htmx=True, order_id="1").content.decode()

    assert "It worked" in html
    assert "<html" not in html


def test_a_clock_can_be_tried_and_a_search_can_not(page, editor, tenant):
    clock = BuiltinToolFactory(tenant=tenant)
    search = BuiltinToolFactory(tenant=tenant, builtin="knowledge_search")

    tried = attempt(page, editor, clock).content.decode()
    shown = page(editor).get(search.get_absolute_url()).content.decode()

    assert "weekday" in tried
    assert "in that agent’s console" in shown
    assert "/try/" not in shown


def test_who_may_try_it(page, viewer, contributor, stranger, tool, server):
    assert attempt(page, viewer, tool, order_id="1").status_code == 403
    assert attempt(page, contributor, tool, order_id="1").status_code == 403
    assert attempt(page, stranger, tool, order_id="1").status_code == 404
    assert page(viewer).get(f"{tool.get_absolute_url()}try/").status_code == 405
    assert server.seen == []


# ── Deleting ──────────────────────────────────────────────────────────────────────────────────


def test_the_confirmation_names_the_users(page, admin, tool, tenant, monkeypatch):
    user = ToolFactory(tenant=tenant, name="An agent in its place")
    use = usage.Use(find=lambda used: Tool.unscoped.filter(pk=user.pk), detach=lambda *them: None)
    monkeypatch.setitem(usage._uses, Tool, [use])

    html = page(admin).get(tool.get_absolute_url()).content.decode()

    assert "An agent in its place" in html
    assert "Delete this tool?" in html


def test_a_tool_is_deleted(page, admin, tool):
    response = page(admin).post(f"{tool.get_absolute_url()}delete/")

    assert response["Location"] == "/t/acme/tools/"
    assert not Tool.unscoped.exists()


def test_who_may_delete_it(page, editor, stranger, tool):
    url = f"{tool.get_absolute_url()}delete/"

    assert page(editor).post(url).status_code == 403
    assert page(stranger).post(url).status_code == 404
    assert page(editor).get(url).status_code == 405
    assert "Delete this tool?" not in page(editor).get(tool.get_absolute_url()).content.decode()


def test_the_number_of_queries_is_bounded(page, editor, tool, django_assert_max_num_queries):
    client = page(editor)

    with django_assert_max_num_queries(8):
        client.get(tool.get_absolute_url())
