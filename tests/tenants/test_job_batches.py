"""Small jobs are done together, and still each for itself."""

from types import SimpleNamespace

import pytest
from django.db import IntegrityError

from tenants import jobs
from tenants.jobs import asking, batches, kinds
from tenants.models import Job, Tenant
from tests.factories.tenants import JobFactory

KIND = "tests.batch"
SMALL = {"bytes": "10"}

pytestmark = pytest.mark.django_db


@pytest.fixture
def told(monkeypatch):
    """What a kind of work was asked for, and what it wrote in which order."""
    told = SimpleNamespace(ended=[], read=[], written=[], followed=[], sent=[])
    monkeypatch.setitem(kinds.KINDS, KIND, kinds.Kind(KIND, "knowledge", told.ended.append))
    monkeypatch.setattr(asking, "_announce", lambda kind, job_id: told.sent.append(job_id))
    return told


@pytest.fixture
def batch(told):
    """Work whose result is the job's title; `acts` happen while the job of a title is read."""

    def look_up(leases):
        return {lease.job.pk: lease.job.title for lease in leases}

    def make(acts=None, **bounds):
        def read(lease, title):
            told.read.append(title)
            (acts or {}).get(title, lambda: None)()
            return title

        followed = told.followed.append
        bounds = {"largest": 100, "seconds": 60, **bounds}
        return jobs.Batch(look_up, read, told.written.append, followed, **bounds)

    return make


@pytest.fixture
def waiting(tenant, editor, told):
    """`waiting("a", "b")`: jobs that may be done together."""

    def make(*titles, **changes):
        given = {"tenant": tenant, "created_by": editor, "kind": KIND, "payload": SMALL, **changes}
        return [JobFactory(title=title, **given) for title in titles]

    return make


def states(some):
    return [(job.status, job.cause_code) for job in some if job.refresh_from_db() is None]


def fail():
    raise jobs.JobFailed("It is empty.", code="empty")


def test_small_jobs_are_done_with_the_first(waiting, batch, told):
    some = waiting("a", "b", "c")

    jobs.perform(some[0].pk, batch())

    assert states(some) == [("done", "")] * 3
    assert told.written == told.followed == [["a", "b", "c"]]
    assert [(job.attempt, job.fence, job.lease_until) for job in some] == [(1, 1, None)] * 3


def test_what_was_taken_along_is_not_done_again_when_its_message_comes(
    waiting, batch, told, django_assert_num_queries
):
    some = waiting("a", "b")
    jobs.perform(some[0].pk, batch())

    with django_assert_num_queries(0):
        jobs.perform(some[1].pk, batch())

    assert told.read == ["a", "b"]


def test_what_was_taken_along_and_failed_is_done_again_when_asked_for(
    waiting, batch, told, access, editor
):
    some = waiting("a", "b")
    jobs.perform(some[0].pk, batch({"b": fail}))

    jobs.restart(access(editor), some[1])
    jobs.perform(some[1].pk, batch())

    assert told.written == [["a"], ["b"]]


def test_not_more_is_remembered_than_is_worth_it(waiting, batch, monkeypatch):
    monkeypatch.setattr(batches, "_REMEMBERED", 1)
    some = waiting("a", "b", "c")

    jobs.perform(some[0].pk, batch())

    assert list(batches._done_here) == [some[2].pk]


def test_no_more_are_taken_than_the_batch_may_have(waiting, batch):
    some = waiting(*"abcd")

    jobs.perform(some[0].pk, batch(most=3))

    assert states(some) == [("done", "")] * 3 + [("queued", "")]


@pytest.mark.parametrize(
    "changes",
    [
        {"payload": {"bytes": "101"}},
        {"payload": {}},
        {"kind": "tests.other"},
        {"attempt": 1},
        {"status": "cancelled"},
    ],
    ids=lambda changes: next(iter(changes)) + str(next(iter(changes.values()))),
)
def test_others_are_left_alone(waiting, batch, changes):
    [first] = waiting("first")
    [other] = waiting("other", **changes)
    before = other.status

    jobs.perform(first.pk, batch())

    assert states([first, other]) == [("done", ""), (before, "")]


def test_jobs_of_another_organisation_are_left_alone(waiting, batch, other_tenant):
    [first] = waiting("first")
    foreign = waiting("foreign", tenant=other_tenant)

    jobs.perform(first.pk, batch())

    assert states(foreign) == [("queued", "")]


@pytest.mark.parametrize("changes", [{"payload": {"bytes": "101"}}, {"attempt": 1}])
def test_a_large_job_and_one_that_was_tried_before_are_done_alone(waiting, batch, changes, told):
    [first] = waiting("first", **changes)
    others = waiting("other")

    jobs.perform(first.pk, batch())

    assert states([first, *others]) == [("done", ""), ("queued", "")]


def test_one_that_fails_fails_alone(waiting, batch, told):
    some = waiting("a", "b", "c")

    jobs.perform(some[0].pk, batch({"b": fail}))

    assert states(some) == [("done", ""), ("failed", "empty"), ("done", "")]
    assert told.ended == [some[1]]
    assert told.written == [["a", "c"]]


def test_the_first_may_fail_and_the_others_not(waiting, batch):
    some = waiting("a", "b")

    jobs.perform(some[0].pk, batch({"a": fail}))

    assert states(some) == [("failed", "empty"), ("done", "")]


def test_one_that_crashes_is_tried_again_alone(waiting, batch, told):
    some = waiting("a", "b", "c")

    jobs.perform(some[0].pk, batch({"b": lambda: 1 / 0}))

    assert states(some) == [("done", ""), ("queued", ""), ("done", "")]
    jobs.perform(some[1].pk, batch())
    assert told.written == [["a", "c"], ["b"]]
    assert some[1].attempt == 1


def test_one_that_is_cancelled_while_another_is_read_writes_nothing(waiting, batch, told):
    some = waiting("a", "b", "c")

    jobs.perform(some[0].pk, batch({"c": lambda: jobs.cancel(some[1])}))

    assert states(some) == [("done", ""), ("cancelled", "cancelled"), ("done", "")]
    assert told.ended == [some[1]]
    assert told.written == [["a", "c"]]


def test_one_whose_lease_is_lost_writes_nothing(waiting, batch, told):
    some = waiting("a", "b", "c")

    def taken_over():
        Job.unscoped.filter(pk=some[1].pk).update(fence=9)

    jobs.perform(some[0].pk, batch({"c": taken_over}))

    assert states(some) == [("done", ""), ("running", ""), ("done", "")]
    assert told.written == [["a", "c"]]


def test_when_all_were_cancelled_nothing_is_written(waiting, batch, told):
    some = waiting("a", "b")

    jobs.perform(some[0].pk, batch({"b": lambda: [jobs.cancel(job) for job in some]}))

    assert states(some) == [("cancelled", "cancelled")] * 2
    assert told.written == told.followed == []


def test_what_can_not_be_written_fails_alone(waiting, batch, told):
    some = waiting("a", "b", "c")

    def write(results):
        Tenant.objects.filter(pk=some[0].tenant_id).update(name="".join(results))
        if "b" in results:
            raise IntegrityError("b")
        told.written.append(results)

    made = batch()
    jobs.perform(some[0].pk, jobs.Batch(made.look_up, made.prepare, write, len, 100, 16, 60))

    assert states(some) == [("done", ""), ("queued", ""), ("done", "")]
    assert told.written == [["a"], ["c"]]
    assert Tenant.objects.get(pk=some[0].tenant_id).name == "c"


def test_a_worker_that_is_told_to_stop_gives_all_of_them_back(
    waiting, batch, transactional_db, told
):
    some = waiting("a", "b", "c")

    def stop():
        raise SystemExit

    with pytest.raises(SystemExit):
        jobs.perform(some[0].pk, batch({"b": stop}))

    assert states(some) == [("queued", "")] * 3
    assert [job.attempt for job in some] == [0, 0, 0]
    assert told.written == []


# ── Nobody waits long for what was taken along ────────────────────────────────────────────────


@pytest.fixture
def clock(monkeypatch):
    """A clock that stands still; `clock(3)` is an act that takes three seconds."""
    now = [100.0]
    monkeypatch.setattr(batches, "time", SimpleNamespace(monotonic=lambda: now[0]))
    return lambda seconds: lambda: now.__setitem__(0, now[0] + seconds)


def test_after_a_slow_one_no_others_are_taken(waiting, batch, clock):
    some = waiting("a", "b")

    jobs.perform(some[0].pk, batch({"a": clock(0.6)}, seconds=1))

    assert states(some) == [("done", ""), ("queued", "")]


def test_as_many_are_taken_as_there_is_time_for(waiting, batch, clock):
    some = waiting("a", "b", "c", "d")

    jobs.perform(some[0].pk, batch({"a": clock(0.3)}, seconds=1))

    assert [status for status, _ in states(some)] == ["done"] * 3 + ["queued"]


def test_what_is_not_begun_in_time_is_given_back_and_announced(waiting, batch, clock, told):
    some = waiting("a", "b", "c", "d")

    made = batch({"b": clock(2)}, seconds=1)
    jobs.perform(some[0].pk, made)

    assert states(some) == [("done", "")] * 2 + [("queued", "")] * 2
    assert [job.attempt for job in some] == [1, 1, 0, 0]
    assert told.sent == []  # until the transaction of this test commits
    jobs.perform(some[2].pk, made)
    assert told.read == ["a", "b", "c", "d"]
