"""Changing tools."""

import json

import pytest

from tenants import secrets
from tests.factories.tenants import SecretFactory
from tests.factories.tools import ORDER_PARAMETERS, BuiltinToolFactory, ToolFactory


@pytest.fixture
def tool(tenant):
    return ToolFactory(
        tenant=tenant,
        name="Order status",
        slug="order_status",
        auth="bearer",
        secret=SecretFactory(tenant=tenant, value="canary-7f3a9c51-secret"),
    )


def filled(tool, **changes):
    return {
        "version": tool.version,
        "name": tool.name,
        "slug": tool.slug,
        "description": tool.description,
        "method": tool.method,
        "url_template": tool.url_template,
        "send_as": tool.send_as,
        "parameters": json.dumps(ORDER_PARAMETERS),
        "auth": tool.auth,
        "timeout_seconds": tool.timeout_seconds,
        **changes,
    }


def edit(page, user, tool, **changes):
    return page(user).post(f"{tool.get_absolute_url()}edit/", filled(tool, **changes))


def test_the_form_shows_what_is_saved(page, editor, tool):
    html = page(editor).get(f"{tool.get_absolute_url()}edit/").content.decode()

    assert "order_id" in html
    assert "ends in …cret" in html
    assert "canary" not in html


def test_a_tool_is_changed_and_keeps_its_secret(page, editor, tool):
    response = edit(page, editor, tool, name="Orders")

    tool.refresh_from_db()
    assert response["Location"] == tool.get_absolute_url()
    assert (tool.name, tool.version) == ("Orders", 2)
    assert secrets.reveal(tool.secret) == "canary-7f3a9c51-secret"


def test_a_new_host_demands_the_secret_again(page, editor, tool):
    refused = edit(page, editor, tool, url_template="https://evil.example/{order_id}")
    taken = edit(
        page, editor, tool, url_template="https://new.example/{order_id}", secret="a-new-one"
    )

    tool.refresh_from_db()
    assert refused.status_code == 422
    assert "type the secret again" in refused.content.decode()
    assert taken.status_code == 302
    assert secrets.reveal(tool.secret) == "a-new-one"


def test_two_who_edit_at_once_lose_nothing(page, editor, tool):
    edit(page, editor, tool, description="What they wrote.")

    refused = edit(page, editor, tool, description="What I wrote.")
    again = edit(page, editor, tool, description="What I wrote.", version=2)

    html = refused.content.decode()
    assert refused.status_code == 422
    assert "What they wrote." in html
    assert "What I wrote." in html
    assert 'name="version" value="2"' in html
    assert again.status_code == 302


def test_a_built_in_is_changed_with_its_own_form(page, editor, tenant):
    clock = BuiltinToolFactory(tenant=tenant)
    sent = {"name": "Watch", "slug": "watch", "builtin": "current_time", "description": "Tells it."}

    page(editor).post(f"{clock.get_absolute_url()}edit/", sent)

    clock.refresh_from_db()
    assert (clock.name, clock.kind) == ("Watch", "builtin")


def test_who_may_change_it(page, viewer, contributor, stranger, tool):
    url = f"{tool.get_absolute_url()}edit/"

    assert page(viewer).get(url).status_code == 403
    assert page(contributor).post(url, {}).status_code == 403
    assert page(stranger).get(url).status_code == 404
