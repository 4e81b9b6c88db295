"""A secret that begins to be used in the moment in which it is deleted."""

import pytest

from tenants import services
from tenants.access import Access
from tenants.models import AuditEvent, Provider, Secret
from tenants.usage import InUse
from tests.factories.tenants import SecretFactory
from tests.tenants.waiting import while_locked

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mine(owner, tenant):
    return Access.of(owner, tenant.slug)


def test_who_deletes_it_waits_for_whoever_begins_to_use_it(mine, tenant):
    secret = SecretFactory(tenant=tenant, value="vendor value")
    settings = {"name": "Main", "kind": "openai", "base_url": "", "default_model": "m"}

    waited, answer = while_locked(
        lambda: services.create_provider(mine, **settings, secret=secret, key="vendor value"),
        lambda: services.delete_secret(mine, secret),
    )

    assert waited
    with pytest.raises(InUse):
        answer.result()
    assert Provider.unscoped.get().secret == secret


def test_keeping_and_deleting_one_is_a_transaction_each(mine):
    services.delete_secret(mine, services.create_secret(mine, name="Vendor", value="x"))

    assert not Secret.unscoped.exists()
    events = AuditEvent.unscoped.filter(object_type="tenants.secret").order_by("number")
    assert [event.action for event in events] == ["secret.created", "secret.deleted"]
