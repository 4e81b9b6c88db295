"""Setting, replacing and deleting secrets: the services."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from tenants import secrets, services
from tenants.ids import uuid7
from tenants.models import AuditEvent, Secret
from tenants.usage import InUse
from tests.factories.tenants import ProviderFactory, SecretFactory

pytestmark = pytest.mark.django_db
ORIGIN = "https://api.example.com:443"


@pytest.fixture
def secret(tenant):
    return SecretFactory(tenant=tenant, name="Vendor", value="first value")


def stored(secret):
    """Its name and value as they are kept."""
    row = Secret.unscoped.get(pk=secret.pk)
    return row.name, secrets.reveal(row)


def changes():
    return AuditEvent.unscoped.get(action="secret.updated").changes


def test_who_may_keeps_one_and_nobody_else(access, admin, editor):
    made = services.create_secret(access(admin), name="Vendor", value="first value")
    assert stored(made) == ("Vendor", "first value")
    assert made.created_by == admin

    with pytest.raises(PermissionDenied):
        services.create_secret(access(editor), name="Other", value="x")
    assert not Secret.unscoped.filter(name="Other").exists()


def test_a_new_value_keeps_the_name_and_tells_by_whom(access, admin, secret):
    replaced = services.replace_secret(access(admin), secret, value="second value")

    assert stored(secret) == ("Vendor", "second value")
    assert replaced.replaced_by == admin
    assert changes() == {"value": "changed"}


def test_a_new_name_keeps_the_value_even_one_that_was_sealed_anew_meanwhile(access, admin, secret):
    read = Secret.unscoped.get(pk=secret.pk)
    secrets.seal(secret, "sealed anew")
    secret.save()

    renamed = services.replace_secret(access(admin), read, name="Other")

    assert stored(secret) == ("Other", "sealed anew")
    assert secrets.reveal(renamed) == "sealed anew"
    assert changes() == {"name": ["Vendor", "Other"]}
    assert renamed.replaced_by is None


def test_a_name_that_is_taken_is_refused(access, admin, secret, tenant):
    SecretFactory(tenant=tenant, name="Other")

    with pytest.raises(ValidationError, match="Another secret has this name"):
        services.replace_secret(access(admin), secret, name="Other", value="second value")
    assert stored(secret) == ("Vendor", "first value")


def test_one_in_use_stays_and_another_goes(access, admin, secret, tenant):
    ProviderFactory(tenant=tenant, secret=secret)
    spare = SecretFactory(tenant=tenant)

    with pytest.raises(InUse):
        services.delete_secret(access(admin), secret)
    services.delete_secret(access(admin), spare)

    assert Secret.unscoped.get() == secret


# ── Of a tool ─────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
def seal(access, editor):
    def one(tool, value, origin=ORIGIN):
        return services.seal_for_tool(access(editor), tool_id=tool, origin=origin, value=value)

    return one


def test_a_tool_has_one_for_each_origin_and_no_other_tools(seal):
    tool, other = uuid7(), uuid7()

    kept = [
        seal(tool, "one"),
        seal(tool, "two", "https://other.example:443"),
        seal(other, "three"),
    ]

    assert [stored(secret)[1] for secret in kept] == ["one", "two", "three"]
    assert not any(secret.replaced_at for secret in kept)


def test_the_same_origin_keeps_its_row_and_tells_by_whom(seal, editor):
    tool = uuid7()
    first, second = seal(tool, "one"), seal(tool, "two")

    assert first == second
    assert stored(first)[1] == "two"
    assert (second.replaced_by, second.replaced_at is None) == (editor, False)


def test_what_a_tool_had_goes_with_it_and_nothing_else(seal, access, editor, tenant, other_tenant):
    tool = uuid7()
    for origin in (ORIGIN, "https://other.example:443"):
        seal(tool, "gone", origin)
    kept = [
        seal(uuid7(), "another tool's"),
        SecretFactory(tenant=tenant, holder=tool),
        SecretFactory(tenant=other_tenant, holder=tool, held_for="tool", origin=ORIGIN),
    ]

    services.delete_secrets_of_tool(access(editor), tool)

    assert set(Secret.unscoped.all()) == set(kept)
