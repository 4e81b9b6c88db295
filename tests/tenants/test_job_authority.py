"""Work goes on only while whoever asked for it still may."""

from dataclasses import replace

import pytest
from django.utils import timezone

from knowledge import indexing
from knowledge.models import Document
from tenants import jobs, services
from tenants.jobs.leases import Heart, Lease
from tenants.jobs.taking import take
from tenants.models import ApiKey, Job, Membership, Role, Tenant
from tests.factories.knowledge import SourceFactory
from tests.factories.tenants import JobFactory

pytestmark = pytest.mark.django_db

REVOKED = "The API key that asked for this was revoked."


@pytest.fixture
def source(tenant):
    return SourceFactory(tenant=tenant)


@pytest.fixture
def sent(api, contributor, source):
    """A text that a key sent; its job."""
    body = {"name": "Refunds", "text": "Refunds take five working days."}
    answer = api(contributor).post(f"/knowledge/{source.pk}/documents", body)
    assert answer.status_code == 202
    return Job.unscoped.get()


def revoke():
    ApiKey.unscoped.update(revoked_at=timezone.now())


def expire():
    ApiKey.unscoped.update(expires_at=timezone.now())


def demote():
    viewer = Role.unscoped.get(slug="viewer", tenant__slug="acme")
    Membership.unscoped.filter(role__slug="contributor").update(role=viewer)


def suspend():
    Membership.unscoped.filter(role__slug="contributor").update(is_suspended=True)


def require_factor():
    Tenant.objects.update(requires_second_factor=True)


ENDS = {
    revoke: REVOKED,
    expire: "The API key that asked for this has expired.",
    demote: "Whoever asked for this may no longer do it.",
    suspend: "The maker of the API key that asked for this is no longer a member.",
    require_factor: "The person who asked for this has yet to set up a second factor.",
}


def test_the_job_knows_the_key(sent):
    assert sent.key == ApiKey.unscoped.get()


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_what_waits_is_not_begun_once_its_asker_may_no_longer(sent, end):
    end()

    jobs.perform(sent.pk, indexing.INGEST)

    sent.refresh_from_db()
    assert (sent.status, sent.cause, sent.cause_code) == ("failed", ENDS[end], "access_ended")
    document = Document.unscoped.get()
    assert (document.status, document.cause) == ("failed", ENDS[end])


def test_what_may_be_done_is_done(sent):
    jobs.perform(sent.pk, indexing.INGEST)

    assert Document.unscoped.get().status == "ready"


def test_a_heartbeat_ends_what_is_being_done(sent):
    lease, heart = Lease(take(sent.pk)), Heart()
    heart._leases = [lease]
    lease.check()

    revoke()
    heart._renew_all()

    with pytest.raises(jobs.JobFailed, match=REVOKED):
        lease.check()
    with pytest.raises(jobs.JobFailed, match=REVOKED), lease.finishing():
        pytest.fail("Nothing may be written any more.")


def test_of_jobs_done_together_only_those_of_the_ended_key_fail(sent, tenant, editor):
    beside = JobFactory(tenant=tenant, created_by=editor, kind=sent.kind, payload=sent.payload)
    Document.unscoped.update(job=beside)
    revoke()

    # However slow the machine is, there is time to take the other along.
    jobs.perform(beside.pk, replace(indexing.INGEST, seconds=600.0))

    assert Job.unscoped.get(pk=beside.pk).status == "done"
    assert Job.unscoped.get(pk=sent.pk).cause == REVOKED


def test_another_try_is_done_with_the_rights_of_who_asks_for_it(sent, access, editor):
    revoke()
    jobs.perform(sent.pk, indexing.INGEST)

    services.retry_job(access(editor), sent)
    jobs.perform(sent.pk, indexing.INGEST)

    sent.refresh_from_db()
    assert (sent.status, sent.key, sent.retried_by) == ("done", None, editor)
