"""What is kept only for a while: runs with all that belongs to them, jobs, old invitations."""

from datetime import timedelta

import pytest
from django.utils import timezone

from agents.runs.models import AgentRun, RunEvent, RunStep, ToolExecution, UsageRecord
from tenants import retention, services
from tenants.models import AuditEvent, Invitation, Job, Role, Tenant
from tenants.tasks import apply_retention
from tests.factories.runs import (
    AgentRunFactory,
    RunEventFactory,
    RunStepFactory,
    ToolExecutionFactory,
    UsageRecordFactory,
)
from tests.factories.tenants import JobFactory

pytestmark = pytest.mark.django_db


def aged(row, days):
    made = timezone.now() - timedelta(days=days)
    type(row).unscoped.filter(pk=row.pk).update(created_at=made)
    return row


def run(tenant, days, **fields):
    return aged(AgentRunFactory(tenant=tenant, **fields), days)


def keep(tenant, days):
    Tenant.objects.filter(pk=tenant.pk).update(retention_days=days)


def events():
    return list(AuditEvent.unscoped.filter(action="retention.applied"))


def test_what_is_older_goes_with_all_that_belongs_to_it(tenant):
    keep(tenant, 30)
    old, new = run(tenant, 31), run(tenant, 29)
    for one in (old, new):
        step = RunStepFactory(tenant=tenant, run=one, position=1)
        ToolExecutionFactory(tenant=tenant, run=one, step=step, position=2)
        UsageRecordFactory(tenant=tenant, run=one, step=step)
        RunEventFactory(tenant=tenant, run=one)
    old_job = aged(JobFactory(tenant=tenant, status="done"), 31)
    new_job = JobFactory(tenant=tenant, status="done")

    apply_retention()

    for model in (RunStep, ToolExecution, UsageRecord, RunEvent):
        assert [row.run_id for row in model.unscoped.all()] == [new.pk]
    assert list(AgentRun.unscoped.all()) == [new]
    assert list(Job.unscoped.all()) == [new_job]
    assert old_job != new_job


def test_one_event_by_the_system_tells_it(tenant):
    keep(tenant, 30)
    for _ in range(3):
        run(tenant, 40)

    apply_retention()

    [event] = events()
    assert (event.actor, event.actor_label, event.tenant) == (None, "Roster", tenant)
    assert event.changes["deleted"] == {"runs": 3}


def test_many_are_deleted_in_batches(tenant, monkeypatch):
    keep(tenant, 30)
    monkeypatch.setattr(retention, "BATCH", 2)
    for _ in range(5):
        run(tenant, 40)

    apply_retention()

    assert not AgentRun.unscoped.exists()
    assert len(events()) == 1


@pytest.mark.parametrize("days", [None, 0])
def test_without_a_limit_everything_is_kept(tenant, days):
    keep(tenant, days)
    run(tenant, 10_000)

    apply_retention()

    assert AgentRun.unscoped.count() == 1
    assert events() == []


def test_only_the_tenants_own_goes(tenant, other_tenant):
    keep(tenant, 30)
    kept = run(other_tenant, 400)

    apply_retention()

    assert list(AgentRun.unscoped.all()) == [kept]


@pytest.mark.parametrize("status", ["queued", "running"])
def test_what_is_not_ended_is_kept(tenant, status):
    keep(tenant, 30)
    run(tenant, 40, status=status)
    aged(JobFactory(tenant=tenant, status=status), 40)

    apply_retention()

    assert (AgentRun.unscoped.count(), Job.unscoped.count()) == (1, 1)


def test_an_archived_organisation_loses_nothing(tenant, owner, access):
    keep(tenant, 30)
    run(tenant, 40)
    services.archive_tenant(access(owner), tenant)

    apply_retention()

    assert AgentRun.unscoped.count() == 1


def test_each_turn_comes_once_a_day(tenant):
    keep(tenant, 30)
    now = timezone.now()
    retention.apply(now)
    run(tenant, 40)

    retention.apply(now + timedelta(hours=1))
    assert AgentRun.unscoped.count() == 1

    retention.apply(now + timedelta(hours=21))
    assert not AgentRun.unscoped.exists()


def test_invitations_that_ran_out_long_ago_go(tenant, owner, access):
    keep(tenant, 30)
    role = Role.unscoped.get(tenant=tenant, slug="viewer")
    old, _ = services.invite_by_link(access(owner), role=role, days=1, base_url="https://r.test")
    new, _ = services.invite_by_link(access(owner), role=role, days=1, base_url="https://r.test")
    Invitation.unscoped.filter(pk=old.pk).update(expires_at=timezone.now() - timedelta(days=31))

    apply_retention()

    assert list(Invitation.unscoped.all()) == [new]
