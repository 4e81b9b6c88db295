import pytest
from cryptography.exceptions import InvalidTag
from django.core.exceptions import ImproperlyConfigured

from tenants import secrets, services
from tenants.models import AuditEvent, Secret
from tests.factories.tenants import SecretFactory

pytestmark = pytest.mark.django_db

OLD = "old:" + "A" * 43 + "="
NEW = "new:" + "B" * 42 + "A="


@pytest.fixture(autouse=True)
def one_key(settings):
    settings.SECRET_KEYS = OLD


def test_what_was_sealed_is_revealed(tenant):
    assert secrets.reveal(SecretFactory(tenant=tenant, value="hunter2")) == "hunter2"


def test_using_a_secret_notes_when(tenant):
    secret = SecretFactory(tenant=tenant)

    secrets.reveal(secret)

    secret.refresh_from_db()
    assert secret.last_used_at is not None


def test_the_same_value_is_sealed_differently_each_time(tenant):
    one, two = SecretFactory(tenant=tenant, value="x"), SecretFactory(tenant=tenant, value="x")

    assert bytes(one.sealed) != bytes(two.sealed)


def test_a_sealed_value_moved_to_another_row_opens_nothing(tenant):
    one, two = SecretFactory(tenant=tenant), SecretFactory(tenant=tenant)
    two.sealed = one.sealed

    with pytest.raises(InvalidTag):
        secrets.reveal(two)


def test_a_new_key_seals_while_the_old_one_still_opens(tenant, settings):
    old = SecretFactory(tenant=tenant, value="sealed before")
    settings.SECRET_KEYS = f"{NEW},{OLD}"

    assert SecretFactory(tenant=tenant).key_id == "new"
    assert secrets.reveal(old) == "sealed before"


@pytest.mark.parametrize("keys", ["", "short:QUJD"])
def test_missing_or_short_keys_are_refused(tenant, settings, keys):
    settings.SECRET_KEYS = keys

    with pytest.raises(ImproperlyConfigured):
        SecretFactory(tenant=tenant)


@pytest.mark.parametrize(("value", "shown"), [("a" * 12 + "wxyz", "wxyz"), ("short", "")])
def test_only_the_end_of_a_long_value_is_shown(tenant, value, shown):
    assert SecretFactory(tenant=tenant, value=value).ends_in == shown


def test_the_audit_log_says_that_a_value_changed_and_nothing_of_it(access, owner):
    secret = services.create_secret(access(owner), name="Key", value="first canary value")
    services.replace_secret(access(owner), secret, name="Key", value="second canary value")

    events = AuditEvent.unscoped.filter(object_type="tenants.secret")
    assert [event.changes for event in events.order_by("number")] == [{"value": "changed"}] * 2


def test_deleting_a_secret_is_audited(access, owner, tenant):
    services.delete_secret(access(owner), SecretFactory(tenant=tenant))

    assert not Secret.unscoped.exists()
    assert AuditEvent.unscoped.filter(action="secret.deleted").exists()
