import itertools

import pytest
from django.db import connection

from tenants import audit
from tenants.models import AuditEvent
from tests.factories.tenants import ProviderFactory

pytestmark = pytest.mark.django_db


def test_events_of_a_tenant_form_a_chain(access, owner, tenant):
    for _ in range(3):
        audit.record(access(owner), "thing.done")

    events = list(AuditEvent.unscoped.filter(tenant=tenant).order_by("number"))
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    for before, event in itertools.pairwise(events):
        assert event.previous_hash == before.hash


def test_an_event_that_was_altered_no_longer_has_its_hash(access, owner):
    event = audit.record(access(owner), "thing.done", changes={"name": ["a", "b"]})
    event.refresh_from_db()
    assert audit.digest(event) == event.hash

    event.changes = {"name": ["a", "c"]}

    assert audit.digest(event) != event.hash


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
        provider.base_url = "x" * 5_000

    assert len(AuditEvent.unscoped.get(action="provider.updated").changes["base_url"][1]) == 2_001
