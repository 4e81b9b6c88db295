"""The chain of a tenant's events: what it is made of, and that the database keeps it."""

import itertools
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from tenants import audit, audit_chain
from tenants.models import AuditEvent, AuditHead
from tests.factories.tenants import ApiKeyFactory, UserFactory

pytestmark = pytest.mark.django_db


def chain(tenant):
    return list(AuditEvent.unscoped.filter(tenant=tenant).order_by("number"))


@pytest.fixture
def event(access, owner):
    """An event whose every column says something, as it is read back."""
    known_as = audit.current_request_id.set("0198f2a25c1e7d40")
    came_from = audit.current_address.set("192.0.2.7")
    written = audit.record(access(owner), "thing.done", owner, {"name": ["a", "b"]})
    audit.current_request_id.reset(known_as)
    audit.current_address.reset(came_from)
    return AuditEvent.unscoped.get(pk=written.pk)


def test_events_of_a_tenant_form_a_chain(access, owner, tenant):
    for _ in range(3):
        audit.record(access(owner), "thing.done")

    events = chain(tenant)
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    for before, after in itertools.pairwise(events):
        assert after.previous_hash == before.hash
        assert after.created_at > before.created_at


def test_the_end_of_the_chain_is_kept_beside_it(event, tenant):
    head = AuditHead.unscoped.get(tenant=tenant)

    assert (head.number, head.hash, head.written_at) == (
        event.number, event.hash, event.created_at,
    )  # fmt: skip


def test_each_tenant_has_a_chain_of_its_own(event, other_tenant, tenant):
    audit.record_system(other_tenant, "thing.done")

    assert chain(other_tenant)[0].previous_hash == ""
    assert chain(tenant)[-1].pk == event.pk


def test_time_does_not_run_backwards_in_a_chain(event, access, owner, monkeypatch):
    earlier = event.created_at - timedelta(hours=1)
    monkeypatch.setattr(timezone, "now", lambda: earlier)

    assert audit.record(access(owner), "thing.done").created_at > event.created_at


@pytest.mark.parametrize("name", [*audit_chain.COVERED, "changes"])
def test_the_hash_covers_all_that_an_event_says(event, name):
    assert audit_chain.digest(event) == event.hash
    value = getattr(event, name)
    others = {
        "created_at": timezone.now(),
        "changes": {"name": ["a", "c"]},
        "is_restricted": True,
        "number": event.number + 1,
        "actor_id": UserFactory().pk,
        "tenant_id": UserFactory().pk,
    }

    setattr(
        event, name, others.get(name, f"{value}x" if isinstance(value, str) else event.tenant_id)
    )

    assert audit_chain.digest(event) != event.hash


def test_no_column_is_left_out_of_the_hash():
    columns = {field.attname for field in AuditEvent._meta.concrete_fields}

    assert columns == {*audit_chain.COVERED, "hash"}


@pytest.mark.parametrize(
    "value",
    [0.1, -0.0, 1.0, 1e16, 1e23, 1e-7, 10**19 + 1, '“Ünïcode” \\ "', "\u2028", [1.5, {"a": None}]],
)
def test_what_is_read_back_has_the_hash_that_was_written(access, owner, value):
    written = audit.record(access(owner), "thing.done", changes={"value": [None, value]})

    assert audit_chain.digest(AuditEvent.unscoped.get(pk=written.pk)) == written.hash


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE tenants_auditevent SET actor_label = 'Nobody' WHERE id = %s",
        "DELETE FROM tenants_auditevent WHERE id = %s",
    ],
)
def test_the_database_refuses_to_change_or_remove_an_event(event, statement):
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement, [event.pk])


def test_events_go_with_their_tenant_where_that_is_said(event, tenant, other_tenant):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL roster.removing_tenant = %s", [str(tenant.pk)])
        cursor.execute("DELETE FROM tenants_auditevent WHERE tenant_id = %s", [tenant.pk])

    assert not chain(tenant)
    with pytest.raises(DatabaseError, match="never changed"):
        AuditEvent.unscoped.filter(tenant=other_tenant).delete()


def test_an_event_outlives_its_actor_and_its_key_unchanged(tenant, access, owner):
    key = ApiKeyFactory(tenant=tenant, user=owner, scopes=["view_agents"])
    mine = access(owner)
    object.__setattr__(mine, "key", key)
    written = audit.record(mine, "thing.done")

    key.delete()
    owner.delete()

    event = AuditEvent.unscoped.select_related("actor").get(pk=written.pk)
    assert (event.actor_id, event.key_id) == (written.actor_id, written.key_id)
    assert event.actor is None
    assert not list(audit_chain.faults(tenant))
