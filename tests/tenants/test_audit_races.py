"""Changes in the same moment: one chain, and nobody waits for whoever waits for them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection, transaction

from tenants import audit, audit_chain
from tenants.models import AuditEvent, Tenant

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    start = Barrier(len(calls))

    def run(call):
        try:
            connection.ensure_connection()
            start.wait(60)
            return call()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def test_events_written_at_the_same_time_make_one_chain(access, owner, tenant):
    mine = access(owner)

    def write():
        for _ in range(5):
            with transaction.atomic():
                audit.record(mine, "thing.done")

    at_once(*[write] * 8)

    assert AuditEvent.unscoped.filter(tenant=tenant, action="thing.done").count() == 40
    assert not list(audit_chain.faults(tenant))


def test_the_first_events_of_a_tenant_may_come_together(db):
    new = Tenant.objects.create(slug="new", name="New")

    def write():
        with transaction.atomic():
            audit.record_system(new, "thing.done")

    at_once(*[write] * 8)

    assert AuditEvent.unscoped.filter(tenant=new).count() == 8
    assert not list(audit_chain.faults(new))


def test_an_event_that_is_undone_leaves_no_gap(access, owner, tenant):
    mine = access(owner)

    def write(keeps):
        with transaction.atomic():
            audit.record(mine, "thing.done")
            transaction.set_rollback(not keeps)

    at_once(*[lambda keeps=n % 2: write(keeps) for n in range(8)])

    assert AuditEvent.unscoped.filter(tenant=tenant, action="thing.done").count() == 4
    assert not list(audit_chain.faults(tenant))


def test_a_tenants_key_may_change_while_others_write(access, owner, tenant):
    """Whoever changes the slug locks the row that every event's key to its tenant points at."""
    mine = access(owner)

    def rename(slug):
        with transaction.atomic():
            Tenant.objects.filter(pk=tenant.pk).update(slug=slug)
            audit.record(mine, "tenant.renamed")

    def write():
        with transaction.atomic():
            audit.record(mine, "thing.done")

    for turn in range(5):
        at_once(*[write] * 4, lambda turn=turn: rename(f"acme-{turn}"))

    assert not list(audit_chain.faults(tenant))


def test_a_log_that_grows_while_it_is_checked_is_sound(access, owner, tenant):
    mine = access(owner)

    def write():
        for _ in range(20):
            with transaction.atomic():
                audit.record(mine, "thing.done")

    def check():
        return [fault for _ in range(20) for fault in audit_chain.faults(tenant)]

    _, found = at_once(write, check)

    assert not found
