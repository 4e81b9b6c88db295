import time
from datetime import timedelta

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError

from tenants import jobs, services
from tenants.jobs import asking, kinds, leases
from tenants.models import AuditEvent, Job, Membership
from tests.factories.tenants import JobFactory

KIND = "tests.work"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def ended(monkeypatch):
    """A kind of work without a queue; the jobs that ended early are collected."""
    ended = []
    monkeypatch.setitem(kinds.KINDS, KIND, kinds.Kind(KIND, "knowledge", ended.append))
    return ended


@pytest.fixture(autouse=True)
def announced(monkeypatch):
    sent = []
    monkeypatch.setattr(
        asking.current_app, "send_task", lambda name, args, **kwargs: sent.append((name, *args))
    )
    return sent


@pytest.fixture
def job(tenant, editor):
    return JobFactory(tenant=tenant, created_by=editor, kind=KIND)


def after(job):
    job.refresh_from_db()
    return job


def test_asking_writes_a_row_and_wakes_a_worker_on_commit(
    access, editor, announced, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue(access(editor), KIND, title="Work", payload={"id": "1"})
        assert announced == []

    assert announced == [(KIND, str(job.pk))]
    assert after(job).status == "queued"


def test_a_lost_broker_loses_no_job(
    access, editor, monkeypatch, django_capture_on_commit_callbacks
):
    def gone(*args, **kwargs):
        raise OperationalError("no broker")

    monkeypatch.setattr(asking.current_app, "send_task", gone)

    with django_capture_on_commit_callbacks(execute=True):
        job = jobs.enqueue(access(editor), KIND, title="Work")

    assert after(job).status == "queued"


def test_done_work_is_done(job):
    jobs.perform(job.pk, lambda lease: None)

    assert after(job).status == "done"
    assert job.finished_at is not None
    assert job.attempt == 1


def test_a_job_is_taken_once(job):
    taken = []

    def work(lease):
        taken.append(lease.job.pk)
        jobs.perform(job.pk, lambda lease: taken.append("twice"))

    jobs.perform(job.pk, work)
    jobs.perform(job.pk, work)

    assert taken == [job.pk]


def test_a_cause_ends_the_job_and_tells_its_subject(job, ended):
    def work(lease):
        raise jobs.JobFailed("It is empty.", code="empty")

    jobs.perform(job.pk, work)

    assert (after(job).status, job.cause, job.cause_code) == ("failed", "It is empty.", "empty")
    assert ended == [job]


def test_a_crash_is_tried_again_later_up_to_five_times(job, ended):
    def work(lease):
        raise ZeroDivisionError

    for attempt in range(1, 6):
        jobs.perform(job.pk, work)
        assert after(job).attempt == attempt

    assert (job.status, job.cause_code) == ("failed", "gave_up")
    assert ended == [job]


def test_progress_is_seen_while_the_work_goes_on(job):
    seen = []

    def work(lease):
        lease.progress(3, 3, "pages")
        seen.append(after(job).percent)

    jobs.perform(job.pk, work)

    assert seen == [100]


def test_cancelling_a_waiting_job_ends_it_at_once(access, editor, job, ended):
    services.cancel_job(access(editor), job)

    assert after(job).status == "cancelled"
    assert ended == [job]
    assert AuditEvent.unscoped.filter(action="job.cancelled").exists()


def test_a_running_job_stops_where_it_asks(job, ended):
    def work(lease):
        jobs.cancel(job)
        lease.check()
        pytest.fail("It went on.")

    jobs.perform(job.pk, work)

    assert after(job).status == "cancelled"


def test_a_cancelled_job_commits_no_results(job, tenant):
    def work(lease):
        jobs.cancel(job)
        with lease.finishing():
            JobFactory(tenant=tenant, title="result")

    jobs.perform(job.pk, work)

    assert after(job).status == "cancelled"
    assert not Job.unscoped.filter(title="result").exists()


def test_results_and_end_are_one_transaction(job, tenant):
    def work(lease):
        with lease.finishing():
            JobFactory(tenant=tenant, title="result")
            raise ZeroDivisionError

    jobs.perform(job.pk, work)

    assert after(job).status == "queued"
    assert not Job.unscoped.filter(title="result").exists()


def expire(job):
    Job.unscoped.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_whose_worker_is_gone_is_queued_again_and_announced(
    job, announced, django_capture_on_commit_callbacks
):
    Job.unscoped.filter(pk=job.pk).update(status="running", attempt=1, fence=1)
    expire(job)

    with django_capture_on_commit_callbacks(execute=True):
        assert jobs.reconcile() == 1

    assert after(job).status == "queued"
    assert announced == [(KIND, str(job.pk))]


def test_a_worker_that_lost_its_lease_can_not_commit(job, tenant):
    def slow(lease):
        expire(job)
        jobs.reconcile()
        jobs.perform(job.pk, lambda second: None)
        with lease.finishing():
            JobFactory(tenant=tenant, title="double")

    jobs.perform(job.pk, slow)

    assert (after(job).status, job.attempt) == ("done", 2)
    assert not Job.unscoped.filter(title="double").exists()


def test_the_fence_moves_on_when_a_person_retries(access, editor, job, tenant):
    """Attempts are counted anew then, and an old attempt 1 must not pass for the new one."""

    def slow(lease):
        Job.unscoped.filter(pk=job.pk).update(status="failed")
        services.retry_job(access(editor), job)
        jobs.perform(job.pk, lambda second: again(lease))

    def again(old):
        with pytest.raises(jobs.LeaseLost), old.finishing():
            pytest.fail("The old attempt got in.")

    jobs.perform(job.pk, slow)

    assert (after(job).status, job.attempt, job.fence) == ("done", 1, 2)


def test_a_worker_that_keeps_dying_fails_the_job_with_a_cause(job, ended):
    Job.unscoped.filter(pk=job.pk).update(status="running", attempt=5, fence=5)
    expire(job)

    jobs.reconcile()

    assert (after(job).status, job.cause) == (
        "failed",
        "The worker stopped five times while doing this.",
    )
    assert ended == [job]


def test_a_cancelled_job_whose_worker_is_gone_ends_cancelled(job):
    Job.unscoped.filter(pk=job.pk).update(status="running", is_cancel_requested=True)
    expire(job)

    jobs.reconcile()

    assert after(job).status == "cancelled"


def test_a_lease_that_is_alive_is_left_alone(job):
    Job.unscoped.filter(pk=job.pk).update(
        status="running", lease_until=timezone.now() + timedelta(seconds=20)
    )

    assert jobs.reconcile() == 0
    assert after(job).status == "running"


def test_renewing_tells_whether_the_lease_is_still_held(job):
    def work(lease):
        assert lease.renew()
        Job.unscoped.filter(pk=job.pk).update(fence=9)
        assert not lease.renew()
        with pytest.raises(jobs.LeaseLost):
            lease.check()

    jobs.perform(job.pk, work)


@pytest.mark.django_db(transaction=True)
def test_the_heart_beats_while_the_work_is_busy(job, monkeypatch):
    monkeypatch.setattr(leases, "HEARTBEAT_SECONDS", 0.02)
    seen = set()

    def work(lease):
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            seen.add(after(job).lease_until)
            if len(seen) > 2:
                return
        pytest.fail("No heartbeat was seen.")

    jobs.perform(job.pk, work)

    assert after(job).status == "done"


def test_only_what_ended_badly_can_be_retried(access, editor, job):
    jobs.perform(job.pk, lambda lease: None)

    services.retry_job(access(editor), job)

    assert after(job).status == "done"
    assert not AuditEvent.unscoped.filter(action="job.retried").exists()


def test_work_in_the_name_of_somebody_who_left_is_not_done(job, editor):
    Membership.unscoped.filter(user=editor).delete()

    jobs.perform(job.pk, lambda lease: lease.access())

    assert (after(job).status, job.cause_code) == ("failed", "member_gone")
