"""Secrets of tools were marked by their names; they keep their tool and their address."""

from importlib import import_module

import pytest
from django.apps import apps

from tenants.models import Secret
from tests.factories.tenants import SecretFactory
from tests.factories.tools import ToolFactory
from tools.models import Tool

pytestmark = pytest.mark.django_db
migration = import_module("tools.migrations.0004_secrets_of_tools")


@pytest.fixture
def tool(tenant):
    made = ToolFactory(
        tenant=tenant, auth="bearer", url_template="http://Shop.example:8080/{order_id}"
    )
    secret = SecretFactory(tenant=tenant, name=f"Tool orders, shop.example:8080 ({made.pk})")
    Tool.unscoped.filter(pk=made.pk).update(secret=secret)
    made.refresh_from_db()
    return made


def test_the_present_secret_gets_the_tools_origin(tool):
    migration.hold(apps, None)

    tool.secret.refresh_from_db()
    held = (tool.secret.held_for, tool.secret.holder, tool.secret.origin, tool.secret.name)
    assert held == ("tool", tool.pk, "http://shop.example:8080", "Key of a tool")


def test_a_former_addresss_secret_matches_no_origin(tool, tenant):
    former = SecretFactory(tenant=tenant, name=f"Tool orders, old.example:443 ({tool.pk})")

    migration.hold(apps, None)

    former.refresh_from_db()
    assert (former.holder, former.origin) == (tool.pk, "old.example:443")


def test_other_secrets_stay_as_they_are(tenant):
    secret = SecretFactory(tenant=tenant, name="Tool API key")

    migration.hold(apps, None)

    secret.refresh_from_db()
    assert (secret.held_for, secret.name) == ("provider", "Tool API key")


def test_back_and_forth_loses_nothing(tool):
    migration.hold(apps, None)
    migration.mark(apps, None)
    assert Secret.unscoped.get(held_for="provider").name.endswith(f"({tool.pk})")

    migration.hold(apps, None)

    assert Secret.unscoped.get().holder == tool.pk
