"""`manage.py verify_audit` names what somebody did to the log behind Roster's back."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tenants import audit, audit_chain
from tenants.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(tenant, access, owner):
    """Six events and more; the numbers of the last six."""
    events = [
        audit.record(access(owner), "thing.done", changes={"n": [i, i + 1]}) for i in range(6)
    ]
    return [event.number for event in events]


def sql(*statements):
    """What somebody with the database's password can do."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tenants_auditevent DISABLE TRIGGER tenants_auditevent_guard")
        for statement, *values in statements:
            cursor.execute(statement, values)


def found(tenant):
    return [(fault.number, fault.what) for fault in audit_chain.faults(tenant)]


ALTER = "UPDATE tenants_auditevent SET {} WHERE tenant_id = %s AND number = %s"
REMOVE = "DELETE FROM tenants_auditevent WHERE tenant_id = %s AND number >= %s AND number < %s"


def test_an_untouched_log_is_sound(chain, tenant, other_tenant, capsys):
    call_command("verify_audit")

    said = capsys.readouterr().out
    assert f"acme: {chain[-1]} events, sound" in said
    assert "globex" in said


@pytest.mark.parametrize(
    "change",
    [
        "actor_label = 'Somebody else'",
        "created_at = created_at - interval '1 day'",
        "changes = '{\"n\": [0, 9]}'",
        "address = '192.0.2.9'",
        "is_restricted = true",
    ],
)
def test_an_altered_event_is_named(chain, tenant, change):
    sql((ALTER.format(change), tenant.pk, chain[2]))

    [(number, what)] = found(tenant)
    assert number == chain[2]
    assert "altered" in what


def test_an_altered_event_with_a_hash_made_to_fit_is_named_by_its_follower(chain, tenant):
    sql((ALTER.format("actor_label = 'Somebody else'"), tenant.pk, chain[2]))
    forged = AuditEvent.unscoped.get(tenant=tenant, number=chain[2])
    sql((ALTER.format("hash = %s"), audit_chain.digest(forged), tenant.pk, chain[2]))

    [(number, what)] = found(tenant)
    assert number == chain[3]
    assert f"event {chain[2]}" in what


def test_missing_events_are_named(chain, tenant):
    sql((REMOVE, tenant.pk, chain[1], chain[3]))

    assert found(tenant) == [
        (chain[3], f"follows events {chain[1]} to {chain[2]}, which are missing")
    ]


def test_a_missing_beginning_is_named(chain, tenant):
    sql((REMOVE, tenant.pk, 1, 2))

    assert found(tenant) == [(2, "follows event 1, which is missing")]


def test_a_cut_off_end_is_named(chain, tenant):
    sql((REMOVE, tenant.pk, chain[4], chain[5] + 1))

    [(number, what)] = found(tenant)
    assert number == chain[5]
    assert f"now ends with {chain[3]}" in what


def test_a_log_that_was_emptied_is_noticed(chain, tenant):
    sql((REMOVE, tenant.pk, 1, chain[-1] + 1))

    assert found(tenant) == [(chain[-1], "was the end of the chain, which now ends with 0")]


def test_events_that_changed_places_are_named(chain, tenant):
    for before, after in [(chain[1], 999), (chain[2], chain[1]), (999, chain[2])]:
        sql((ALTER.format("number = %s"), after, tenant.pk, before))

    assert {number for number, _ in found(tenant)} >= {chain[1], chain[2]}


def test_an_event_that_was_put_in_at_the_end_is_named(chain, tenant):
    last = AuditEvent.unscoped.get(tenant=tenant, number=chain[-1])
    last.pk, last.number, last.previous_hash = audit.uuid7(), last.number + 1, last.hash
    last.hash = audit_chain.digest(last)
    last.save(force_insert=True)

    assert found(tenant) == [(last.number, f"was put in: the chain ended with {chain[-1]}")]


def test_a_chain_forged_anew_is_found_by_an_end_that_was_kept_elsewhere(chain, tenant, tmp_path):
    witness = tmp_path / "ends.jsonl"
    call_command("verify_audit", witness=witness)
    forge_anew(tenant, chain[3])
    assert not found(tenant)

    with pytest.raises(CommandError) as refused:
        call_command("verify_audit", tenant="acme", witness=witness)

    assert refused.value.returncode == 1


def forge_anew(tenant, since):
    """All that somebody who knows how would do."""
    before = AuditEvent.unscoped.get(tenant=tenant, number=since - 1).hash
    for event in AuditEvent.unscoped.filter(tenant=tenant, number__gte=since).order_by("number"):
        event.actor_label, event.previous_hash = "Nobody", before
        before = audit_chain.digest(event)
        sql(
            (ALTER.format("actor_label = 'Nobody', previous_hash = %s, hash = %s"),
             event.previous_hash, before, tenant.pk, event.number)
        )  # fmt: skip
    sql(("UPDATE tenants_audithead SET hash = %s WHERE tenant_id = %s", before, tenant.pk))


def test_the_command_names_the_event_and_fails(chain, tenant, other_tenant, capsys):
    sql((ALTER.format("actor_label = 'Somebody else'"), tenant.pk, chain[2]))

    with pytest.raises(CommandError, match="acme") as refused:
        call_command("verify_audit")

    assert refused.value.returncode == 1
    said = capsys.readouterr()
    assert f"acme: event {chain[2]} was altered" in said.err
    assert "globex" in said.out
    call_command("verify_audit", tenant="globex")


@pytest.mark.parametrize("kept", ["no json", json.dumps({"tenant": "x"}), "[1]"])
def test_a_damaged_file_of_ends_is_refused(tenant, tmp_path, kept):
    witness = tmp_path / "ends.jsonl"
    witness.write_text(kept)

    with pytest.raises(CommandError) as refused:
        call_command("verify_audit", witness=witness)

    assert refused.value.returncode == 2


def test_an_unknown_tenant_is_refused(db):
    with pytest.raises(CommandError) as refused:
        call_command("verify_audit", tenant="nowhere")

    assert refused.value.returncode == 2
