import pytest
from django.db import connection

from tenants import audit, audit_chain
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


def test_events_of_nested_services_are_written_together_at_the_end(access, owner, tenant):
    with audit.atomic():
        audit.record(access(owner), "outer.done")
        with audit.atomic():
            audit.record(access(owner), "inner.done")
        assert not AuditEvent.unscoped.filter(action__endswith=".done").exists()

    told = AuditEvent.unscoped.filter(action__endswith=".done").order_by("number")
    assert [event.action for event in told] == ["outer.done", "inner.done"]
    assert not list(audit_chain.faults(tenant))


def test_a_nested_service_that_fails_takes_its_events_with_it(access, owner, tenant):
    with audit.atomic():
        audit.record(access(owner), "outer.done")
        with pytest.raises(RuntimeError), audit.atomic():
            audit.record(access(owner), "inner.done")
            raise RuntimeError

    told = AuditEvent.unscoped.filter(action__endswith=".done")
    assert [event.action for event in told] == ["outer.done"]


def test_a_service_that_fails_writes_no_event(access, owner):
    with pytest.raises(RuntimeError), audit.atomic():
        audit.record(access(owner), "outer.done")
        raise RuntimeError

    audit.record(access(owner), "later.done")
    told = AuditEvent.unscoped.filter(action__endswith=".done")
    assert [event.action for event in told] == ["later.done"]


def test_what_the_block_tells_stands_beside_or_instead_of_the_difference(access, owner, tenant):
    provider = ProviderFactory(tenant=tenant, name="Old")

    with audit.changing(access(owner), provider, "provider.updated") as told:
        provider.name = "New"
        told |= {"name": "changed", "key": "changed"}
        provider.save()

    event = AuditEvent.unscoped.get(action="provider.updated")
    assert event.changes == {"name": "changed", "key": "changed"}
