"""Keeping tools: checks, secrets, versions, the log."""

import pytest
from django.core.exceptions import ValidationError

from tenants import secrets, usage
from tenants.models import AuditEvent, Secret
from tenants.versions import VersionMoved
from tests.factories.tools import ORDER_PARAMETERS, ToolFactory
from tools import services
from tools.models import Tool

CANARY = "canary-7f3a9c51-secret"
HTTP = {
    "name": "Order status",
    "description": "Returns the status of an order.",
    "url_template": "https://api.example.com/orders/{order_id}",
    "parameters": ORDER_PARAMETERS,
}


@pytest.fixture
def create(access, editor):
    return lambda **fields: services.create_tool(access(editor), **{**HTTP, **fields})


@pytest.fixture
def update(access, editor):
    return lambda tool, **fields: services.update_tool(access(editor), tool, **fields)


@pytest.fixture
def with_secret(create):
    return create(auth="bearer", secret=CANARY)


def events():
    found = AuditEvent.unscoped.filter(action__startswith="tool.").order_by("number")
    return [event.action for event in found]


def test_a_tool_is_created_and_noted(create, editor, tenant):
    tool = create()

    assert (tool.tenant, tool.created_by, tool.version) == (tenant, editor, 1)
    assert tool.slug == "order_status"
    assert events() == ["tool.created"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Ordre: état!", "ordre_tat"),
        ("7 days", "tool_7_days"),
        ("???", "tool"),
        ("x" * 99, "x" * 58),
    ],
)
def test_a_function_name_is_made_of_the_name(create, name, slug):
    assert create(name=name).slug == slug


def test_a_taken_function_name_gets_a_number(create):
    create(name="Order status")

    assert create(name="Order-status").slug == "order_status_2"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"name": ""}, "name"),
        ({"slug": "Order Status"}, "slug"),
        ({"slug": "order\n"}, "slug"),
        ({"description": ""}, "description"),
        ({"method": "TRACE"}, "method"),
        ({"url_template": "https://{order_id}.example.com/"}, "url_template"),
        ({"url_template": "https://api.example.com/{unknown}"}, "url_template"),
        ({"url_template": "https://api.example.com/{verbose}"}, "parameters"),
        ({"parameters": {"type": "array"}}, "parameters"),
        ({"send_as": "json"}, "send_as"),
        ({"send_as": "pigeon"}, "send_as"),
        ({"headers": [{"name": "Host", "value": "evil.example"}]}, "headers"),
        ({"headers": [{"name": "Authorization", "value": "Bearer x"}]}, "headers"),
        ({"headers": [{"name": "Cookie", "value": "x=1"}]}, "headers"),
        ({"headers": [{"name": "X-A", "value": "a\r\nX-B: b"}]}, "headers"),
        ({"headers": [{"name": "X A", "value": "a"}]}, "headers"),
        ({"headers": [{"name": "X-A", "value": "1"}, {"name": "x-a", "value": "2"}]}, "headers"),
        ({"headers": [{"name": "X-A"}]}, "headers"),
        ({"headers": [{"name": f"X-{n}", "value": "1"} for n in range(21)]}, "headers"),
        ({"auth": "bearer"}, "secret"),
        ({"auth": "none", "secret": "x"}, "auth"),
        ({"auth": "bearer", "secret": "two\nlines"}, "secret"),
        ({"auth": "header", "secret": "x"}, "auth_header"),
        ({"auth": "header", "auth_header": "Host", "secret": "x"}, "auth_header"),
        ({"auth": "basic", "secret": "x"}, "auth_username"),
        ({"auth": "basic", "auth_username": "a:b", "secret": "x"}, "auth_username"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
        ({"timeout_seconds": 121}, "timeout_seconds"),
        ({"kind": "builtin"}, "builtin"),
        ({"kind": "builtin", "builtin": "exec"}, "builtin"),
    ],
)
def test_what_is_not_right_is_told_by_field(create, fields, field):
    with pytest.raises(ValidationError) as error:
        create(**fields)

    assert field in error.value.message_dict
    assert not Tool.unscoped.exists()
    assert not Secret.unscoped.exists()


@pytest.mark.parametrize(
    "part", [{"type": "array"}, {"type": ["string", "null"]}, {"anyOf": [{"type": "string"}]}, {}]
)
def test_only_simple_values_stand_in_a_url(create, part):
    schema = {"type": "object", "properties": {"order_id": part}, "required": ["order_id"]}

    with pytest.raises(ValidationError, match="stands in the URL"):
        create(parameters=schema)


def test_a_query_value_may_be_optional(create):
    tool = create(url_template="https://api.example.com/?verbose={verbose}")

    assert tool.pk


def test_names_are_taken_once_in_a_tenant_only(create, access, stranger, other_tenant):
    create()

    elsewhere = services.create_tool(access(stranger, other_tenant), **HTTP)
    with pytest.raises(ValidationError, match="Another tool has this name"):
        create(slug="other")

    assert elsewhere.tenant == other_tenant


def test_a_built_in_needs_only_its_function(create):
    tool = create(
        kind="builtin", builtin="current_time", description="", headers=[{"name": "Host"}]
    )

    assert "weekday" in tool.description
    assert (tool.url_template, tool.headers, tool.parameters) == ("", [], {})


# ── Secrets ───────────────────────────────────────────────────────────────────────────────────


def test_a_secret_is_sealed_and_told_nowhere(with_secret):
    row = Secret.unscoped.get()

    assert with_secret.secret == row
    assert secrets.reveal(row) == CANARY
    assert CANARY.encode() not in bytes(row.sealed)
    told = AuditEvent.unscoped.values_list("changes", "object_label")
    assert all(CANARY not in str(event) for event in told)


def test_an_edit_keeps_the_secret(with_secret, update):
    saved = update(with_secret, timeout_seconds=5)

    assert secrets.reveal(saved.secret) == CANARY


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/orders/{order_id}",
        "https://api.example.com.evil.example/orders/{order_id}",
        "http://api.example.com/orders/{order_id}",
        "https://api.example.com:444/orders/{order_id}",
    ],
)
def test_a_new_host_demands_the_secret_again(with_secret, update, url):
    with pytest.raises(ValidationError, match="type the secret again"):
        update(with_secret, url_template=url)

    with_secret.refresh_from_db()
    assert with_secret.url_template == HTTP["url_template"]


def test_another_path_on_the_host_does_not(with_secret, update):
    saved = update(with_secret, url_template="https://API.example.com:443/v2/{order_id}")

    assert saved.secret == with_secret.secret


def test_a_detour_over_no_authorisation_does_not_help(with_secret, update):
    update(with_secret, auth="none", url_template="https://evil.example/{order_id}")

    with pytest.raises(ValidationError, match="Type the secret"):
        update(with_secret, auth="bearer")


def test_a_renewed_secret_stays_in_its_row_so_that_published_agents_have_it(with_secret, update):
    saved = update(with_secret, secret="renewed-secret-value")

    assert saved.secret_id == with_secret.secret_id
    assert secrets.reveal(saved.secret) == "renewed-secret-value"
    assert saved.version == 2
    assert events() == ["tool.created", "tool.updated"]


def test_a_secret_for_a_new_host_leaves_the_old_row_alone(with_secret, update):
    saved = update(
        with_secret, url_template="https://other.example/{order_id}", secret="for-the-other-host"
    )

    assert saved.secret_id != with_secret.secret_id
    assert secrets.reveal(Secret.unscoped.get(pk=with_secret.secret_id)) == CANARY


@pytest.mark.parametrize("url", ["http://shop.example:8080/", "https://other.example/"])
def test_another_origin_has_a_secret_of_its_own(create, update, url):
    tool = create(auth="bearer", secret=CANARY, url_template="https://shop.example:8080/")

    saved = update(tool, url_template=url, secret="for-the-other-origin")

    origins = Secret.unscoped.filter(holder=tool.pk).values_list("origin", flat=True)
    assert saved.secret_id != tool.secret_id
    assert len(set(origins)) == 2
    assert "https://shop.example:8080" in origins


def test_a_secret_of_a_tool_tells_nothing_of_it_by_its_name(with_secret):
    secret = Secret.unscoped.get()

    assert (secret.held_for, secret.holder) == ("tool", with_secret.pk)
    assert secret.name == "Key of a tool"


def test_deleting_a_tool_deletes_all_its_secrets(with_secret, update, access, admin):
    update(with_secret, url_template="https://other.example/{order_id}", secret="another-one")

    services.delete_tool(access(admin), with_secret)

    assert not Secret.unscoped.exists()
    assert events()[-1] == "tool.deleted"


# ── Versions ──────────────────────────────────────────────────────────────────────────────────


def test_each_change_counts_the_version_up_and_nothing_else_does(create, update):
    tool = create()

    changed = update(tool, name="Orders")
    unchanged = update(tool, name="Orders")

    assert (changed.version, unchanged.version) == (2, 2)
    assert unchanged.updated_at == changed.updated_at
    assert events() == ["tool.created", "tool.updated"]


def test_a_version_that_moved_on_is_not_overwritten(create, update):
    tool = create()
    update(tool, name="Theirs")

    with pytest.raises(VersionMoved):
        update(tool, name="Mine", expected_version=1)

    tool.refresh_from_db()
    assert tool.name == "Theirs"


def test_a_tool_in_use_is_not_deleted_without_force(create, access, admin, monkeypatch):
    tool, freed = create(), []
    other = ToolFactory(tenant=tool.tenant)
    use = usage.Use(
        find=lambda used: Tool.unscoped.filter(pk=other.pk),
        detach=lambda access, user, used: freed.append(user),
    )
    monkeypatch.setitem(usage._uses, Tool, [use])

    with pytest.raises(usage.InUse):
        services.delete_tool(access(admin), tool)
    services.delete_tool(access(admin), tool, force=True)

    assert freed == [other]
    assert not Tool.unscoped.filter(pk=tool.pk).exists()


def test_trying_a_tool_is_noted(access, editor, tenant, server):
    tool = ToolFactory(tenant=tenant, url_template=server.url + "/{order_id}")

    result = services.try_tool(access(editor), tool, {"order_id": "canary-argument"})

    event = AuditEvent.unscoped.get(action="tool.tested")
    assert result.ok
    assert event.changes == {"ok": True, "status_code": 200, "error_code": ""}
