import pytest
from django.db import connection

from tenants import audit
from tenants.models import AuditEvent
from tests.factories.tenants import ProviderFactory

pytestmark = pytest.mark.django_db


def test_a_change_is_told_as_before_and_after(access, owner, tenant):
    provider = ProviderFactory(tenant=tenant, name="Old")

    with audit.changing(access(owner), provider, "provider.updated"):
        provider.name = "New"
        provider.save()

    event = AuditEvent.unscoped.get(action="provider.updated")
    assert event.changes == {"name": ["Old", "New"]}
    assert (event.actor, event.object_id) == (owner, str(provider.pk))


def test_saving_without_a_change_is_not_told(access, owner, tenant):
    provider = ProviderFactory(tenant=tenant)

    with audit.changing(access(owner), provider, "provider.updated"):
        provider.save()

    assert not AuditEvent.unscoped.filter(action="provider.updated").exists()


def test_a_failed_change_leaves_no_event(access, owner, tenant):
    provider = ProviderFactory(tenant=tenant)

    with pytest.raises(RuntimeError), audit.changing(access(owner), provider, "provider.updated"):
        provider.name = "New"
        raise RuntimeError

    assert not AuditEvent.unscoped.filter(action="provider.updated").exists()


@pytest.mark.django_db(transaction=True)
def test_an_event_outside_a_transaction_is_a_mistake(access, owner):
    assert not connection.in_atomic_block

    with pytest.raises(RuntimeError):
        audit.record(access(owner), "thing.done")


def test_a_very_long_text_is_cut_in_the_log(access, owner, tenant):
    provider = ProviderFactory(tenant=tenant)

    with audit.changing(access(owner), provider, "provider.updated"):
        provider.base_url = "x" * (audit.LONGEST + 1)

    changes = AuditEvent.unscoped.get(action="provider.updated").changes
    assert len(changes["base_url"][1]) == audit.LONGEST + 1
    assert changes["base_url"][1].endswith("…")
