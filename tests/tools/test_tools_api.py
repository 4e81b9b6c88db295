"""The API of the tool library."""

import pytest

from tenants import secrets, usage
from tests.factories.tenants import SecretFactory
from tests.factories.tools import ORDER_PARAMETERS, BuiltinToolFactory, ToolFactory
from tools.models import Tool

NEW = {
    "name": "Order status",
    "description": "Returns the status of an order.",
    "url_template": "https://api.example.com/orders/{order_id}",
    "parameters": ORDER_PARAMETERS,
    "auth": "bearer",
    "secret": "canary-7f3a9c51-secret",
}


@pytest.fixture
def tool(tenant):
    secret = SecretFactory(tenant=tenant, value="canary-7f3a9c51-secret")
    return ToolFactory(tenant=tenant, name="Order status", auth="bearer", secret=secret)


def pointers(response):
    assert response["Content-Type"] == "application/problem+json"
    return [error["pointer"] for error in response.json()["errors"]]


def test_a_tool_is_created(api, editor):
    response = api(editor).post("/tools", NEW)

    body = response.json()
    assert response.status_code == 201
    assert response["Location"] == f"/api/v1/tools/{body['id']}"
    assert body["slug"] == "order_status"
    assert (body["has_secret"], body["secret_ends_in"]) == (True, "cret")
    assert "canary" not in response.content.decode()
    assert secrets.reveal(Tool.unscoped.get().secret) == NEW["secret"]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"invented": 1}, "/invented"),
        ({"name": ""}, "/name"),
        ({"kind": "code"}, "/kind"),
        ({"slug": "Not One"}, "/slug"),
        ({"url_template": "https://{order_id}/"}, "/url_template"),
        ({"parameters": {"type": "object", "$ref": "x"}}, "/parameters"),
        ({"headers": [{"name": "Host", "value": "x"}]}, "/headers"),
        ({"headers": [{"name": "X", "value": "x", "more": 1}]}, "/headers/0/more"),
        ({"secret": ""}, "/secret"),
        ({"timeout_seconds": 1000}, "/timeout_seconds"),
        ({"name": "a\x00b"}, "/"),
    ],
)
def test_what_is_not_right_is_pointed_at(api, editor, change, pointer):
    response = api(editor).post("/tools", {**NEW, **change})

    assert response.status_code == 422
    assert pointers(response)[0].startswith(pointer)
    assert "canary" not in response.content.decode()


def test_a_tool_is_read_without_its_secret(api, viewer, tool):
    response = api(viewer).get(f"/tools/{tool.pk}")

    body = response.json()
    assert body["url_template"] == tool.url_template
    assert body["parameters"] == ORDER_PARAMETERS
    assert "canary" not in response.content.decode()
    assert "secret" not in body
    assert "secret_id" not in body


def test_tools_are_listed_narrowed_and_sorted(api, viewer, tenant):
    for name in ("Beta", "Alpha"):
        ToolFactory(tenant=tenant, name=name)
    BuiltinToolFactory(tenant=tenant, name="Clock")
    client = api(viewer)

    def names(**query):
        return [tool["name"] for tool in client.get("/tools", query).json()["items"]]

    assert names() == ["Clock", "Alpha", "Beta"]
    assert names(sort="name", kind="http") == ["Alpha", "Beta"]
    assert names(q="clock") == ["Clock"]
    assert client.get("/tools", {"sort": "secret"}).status_code == 422
    assert client.get("/tools", {"page": "2"}).status_code == 422


def test_a_list_is_paged(api, viewer, tenant):
    for _ in range(3):
        ToolFactory(tenant=tenant)
    client = api(viewer)

    first = client.get("/tools", {"limit": 2}).json()
    second = client.get("/tools", {"limit": 2, "cursor": first["next_cursor"]}).json()

    assert len(first["items"]) == 2
    assert len(second["items"]) == 1
    assert second["next_cursor"] is None


def test_a_tool_is_changed_by_what_is_sent(api, editor, tool):
    response = api(editor).patch(f"/tools/{tool.pk}", {"timeout_seconds": 5})

    assert response.status_code == 200
    assert (response.json()["timeout_seconds"], response.json()["version"]) == (5, 2)
    assert response.json()["name"] == "Order status"


def test_a_new_host_demands_the_secret_again(api, editor, tool):
    client, moved = api(editor), {"url_template": "https://new.example/{order_id}"}

    refused = client.patch(f"/tools/{tool.pk}", moved)
    taken = client.patch(f"/tools/{tool.pk}", {**moved, "secret": "a-new-secret"})

    assert pointers(refused) == ["/secret"]
    assert taken.status_code == 200


@pytest.mark.parametrize(
    ("version", "status"), [('"1"', 200), ("1", 200), ("*", 200), ('"2"', 412), ("old", 412)]
)
def test_a_version_guards_against_lost_updates(api, editor, tool, version, status):
    response = api(editor).patch(
        f"/tools/{tool.pk}", {"name": "New"}, headers={"If-Match": version}
    )

    assert response.status_code == status


def test_a_tool_is_deleted(api, admin, tool):
    response = api(admin).delete(f"/tools/{tool.pk}")

    assert response.status_code == 204
    assert not Tool.unscoped.exists()


def test_a_tool_in_use_is_a_conflict_that_names_the_users(api, admin, tool, tenant, monkeypatch):
    user = ToolFactory(tenant=tenant, name="In an agent's place")
    use = usage.Use(find=lambda used: Tool.unscoped.filter(pk=user.pk), detach=lambda *them: None)
    monkeypatch.setitem(usage._uses, Tool, [use])
    client = api(admin)

    refused = client.delete(f"/tools/{tool.pk}")
    forced = client.delete(f"/tools/{tool.pk}?force=true")

    assert (refused.status_code, refused.json()["code"]) == (409, "in_use")
    assert refused.json()["users"] == [
        {"type": "tool", "id": str(user.pk), "name": "In an agent's place"}
    ]
    assert forced.status_code == 204


def test_a_tool_is_tried(api, editor, tenant, server):
    tool = ToolFactory(tenant=tenant, url_template=server.url + "/orders/{order_id}")
    client = api(editor)

    worked = client.post(f"/tools/{tool.pk}/test", {"arguments": {"order_id": "1"}}).json()
    failed = client.post(f"/tools/{tool.pk}/test", {"arguments": {}}).json()

    assert worked["ok"]
    assert worked["status_code"] == 200
    assert worked["request"]["url"] == f"{server.url}/orders/1"
    assert (failed["ok"], failed["error_code"]) == (False, "bad_arguments")


def test_roles_decide(api, viewer, contributor, editor, tool):
    path = f"/tools/{tool.pk}"

    assert api(viewer).post("/tools", NEW).status_code == 403
    assert api(contributor).patch(path, {"name": "x"}).status_code == 403
    assert api(viewer).post(f"{path}/test", {}).status_code == 403
    assert api(editor).delete(path).status_code == 403


def test_scopes_decide_too(api, admin, tool):
    reader = api(admin, "view_tools")

    assert reader.get(f"/tools/{tool.pk}").status_code == 200
    assert reader.patch(f"/tools/{tool.pk}", {"name": "x"}).status_code == 403
    assert api(admin, "view_agents").get(f"/tools/{tool.pk}").status_code == 404


def test_a_foreign_tool_and_an_unknown_one_look_alike(api, stranger, other_tenant, tool):
    client = api(stranger, where=other_tenant)
    unknown = "01990000-0000-7000-8000-000000000000"

    for call in (client.get, client.delete, lambda path: client.patch(path, {"name": "x"})):
        foreign, missing = call(f"/tools/{tool.pk}"), call(f"/tools/{unknown}")
        assert foreign.status_code == missing.status_code == 404
        assert foreign.json()["detail"] == missing.json()["detail"]
