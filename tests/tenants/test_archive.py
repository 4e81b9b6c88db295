"""An archived organisation: its owners read it, nobody does anything."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from agents.runs.models import AgentRun
from tenants import api_keys, inviting, jobs, services
from tenants.access import Access, memberships
from tenants.inviting import InvitationGone
from tenants.jobs import leases, taking
from tenants.models import AuditEvent, Invitation, Job, Membership, Role, Secret, Tenant
from tests.architecture.asking import REQUEST_ID
from tests.factories.agents import AgentFactory
from tests.factories.runs import AgentRunFactory
from tests.factories.tenants import ApiKeyFactory, JobFactory, SecretFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def archived(tenant, owner, access):
    return services.archive_tenant(access(owner), tenant)


def test_nobody_but_an_owner_enters(archived, cast):
    assert Access.of(cast.owner, "acme").is_read_only
    for person in (cast.admin, cast.editor, cast.contributor, cast.viewer, cast.stranger):
        with pytest.raises(Http404):
            Access.of(person, "acme")


def test_its_pages_open_for_owners_alone(archived, page, cast):
    assert page(cast.owner).get("/t/acme/agents/").status_code == 200
    assert page(cast.admin).get("/t/acme/agents/").status_code == 404


def test_an_owner_who_came_by_the_organisations_own_sign_in_archives_it(tenant, owner):
    """Who is asked for a second factor there, and has none here."""
    tenant.requires_second_factor = True
    tenant.save()
    access = Access.of(owner, "acme", within=tenant.pk)

    assert services.archive_tenant(access, tenant).is_archived
    assert not services.unarchive_tenant(access, tenant).is_archived


def test_who_is_shut_out_is_answered_as_if_there_were_no_such_organisation(archived, page, admin):
    shut, unknown = (page(admin).get(f"/t/{slug}/agents/") for slug in ("acme", "no-such"))

    assert without_id(shut) == without_id(unknown)


def without_id(answer):
    """What there is to tell two answers apart by."""
    return answer.status_code, re.sub(REQUEST_ID, "·", answer.content.decode())


def test_an_owner_changes_nothing(archived, owner):
    access = Access.of(owner, "acme")
    secret = SecretFactory(tenant=archived)

    assert access.get(Secret, secret.pk) == secret
    with pytest.raises(PermissionDenied):
        access.get(Secret, secret.pk, "change")
    with pytest.raises(PermissionDenied):
        access.add(Secret(name="Another"))


def test_what_a_form_sends_is_refused(archived, page, owner):
    answer = page(owner).post("/t/acme/settings/secrets/new/", {"name": "A", "value": "b"})

    assert answer.status_code == 403
    assert b"archived" in answer.content
    assert not Secret.unscoped.exists()


def test_the_switcher_shows_it_to_owners(archived, owner, viewer):
    assert [mine.tenant for mine in memberships(owner)] == [archived]
    assert not memberships(viewer)


def test_keys_stop_at_once_and_work_again_afterwards(tenant, owner, access):
    key = ApiKeyFactory(tenant=tenant, user=owner, scopes=["view_agents"])
    assert api_keys.check(key.token)

    services.archive_tenant(access(owner), tenant)
    assert api_keys.check(key.token) is None

    services.unarchive_tenant(Access.of(owner, "acme"), tenant)
    assert api_keys.check(key.token)


def test_invitations_open_nothing(tenant, owner, access):
    role = Role.unscoped.get(tenant=tenant, slug="viewer")
    _, link = services.invite_by_link(access(owner), role=role, days=7, base_url="https://r.test")
    token = link.partition("token=")[2]
    assert inviting.opened_by(token)

    services.archive_tenant(access(owner), tenant)

    with pytest.raises(InvitationGone):
        inviting.opened_by(token)
    assert Invitation.unscoped.exists()


def test_queued_jobs_wait_and_are_announced_afterwards(tenant, owner, access):
    job = JobFactory(tenant=tenant, created_by=owner, due_at=timezone.now() - timedelta(minutes=1))
    services.archive_tenant(access(owner), tenant)

    assert taking.take(job.pk) is None
    assert jobs.reconcile() == 0

    services.unarchive_tenant(Access.of(owner, "acme"), tenant)
    assert jobs.reconcile() == 1


def test_running_jobs_lose_their_lease_and_wait(tenant, owner, access):
    job = JobFactory(tenant=tenant, created_by=owner)
    lease = leases.Lease(taking.take(job.pk))

    services.archive_tenant(access(owner), tenant)

    with pytest.raises(jobs.LeaseLost):
        lease.check()
    job.refresh_from_db()
    assert (job.status, job.attempt) == (Job.Status.QUEUED, 0)


def test_a_job_taken_in_the_very_moment_is_given_back(tenant, owner, access):
    job = JobFactory(tenant=tenant, created_by=owner)
    lease = leases.Lease(taking.take(job.pk))
    services.archive_tenant(access(owner), tenant)
    Job.unscoped.filter(pk=job.pk).update(status="running", attempt=1)

    with pytest.raises(jobs.LeaseLost):
        lease.access()

    job.refresh_from_db()
    assert (job.status, job.attempt) == (Job.Status.QUEUED, 0)


def test_runs_under_way_are_told_to_stop(tenant, other_tenant, owner, access):
    agent = AgentFactory(tenant=tenant)
    mine = AgentRunFactory(tenant=tenant, agent=agent, status="running")
    foreign = AgentRunFactory(tenant=other_tenant, status="running")

    services.archive_tenant(access(owner), tenant)

    asked = AgentRun.unscoped.exclude(cancel_requested_at=None)
    assert list(asked) == [mine]
    assert foreign not in asked


def test_archiving_twice_is_harmless_and_each_way_writes_one_event(tenant, owner, access):
    mine = access(owner)
    for _ in range(2):
        services.archive_tenant(mine, tenant)
    for _ in range(2):
        services.unarchive_tenant(Access.of(owner, "acme"), tenant)

    events = AuditEvent.unscoped.filter(tenant=tenant, action__startswith="tenant.")
    told = list(events.order_by("number").values_list("action", "actor_label"))
    assert told[1:] == [("tenant.archived", str(owner)), ("tenant.unarchived", str(owner))]


def test_an_admin_does_not_archive(tenant, admin, access):
    with pytest.raises(PermissionDenied):
        services.archive_tenant(access(admin), tenant)


def test_who_views_as_somebody_else_archives_nothing(tenant, owner, viewer, access):
    """Not even as one who may: the guard beneath the pages."""
    deputy = services.create_role(access(owner), label="Deputy", capabilities=["manage_tenant"])
    Membership.unscoped.filter(user=viewer).update(role=deputy)

    with pytest.raises(PermissionDenied, match="viewing as somebody else"):
        services.archive_tenant(access(owner).seen_as(viewer.pk), tenant)
    assert not Tenant.objects.get(pk=tenant.pk).is_archived
