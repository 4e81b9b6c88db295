import pytest

from tenants.jobs import kinds
from tests.factories.tenants import JobFactory

pytestmark = pytest.mark.django_db
KIND = "tests.work"


@pytest.fixture(autouse=True)
def _kind(monkeypatch):
    monkeypatch.setitem(kinds.KINDS, KIND, kinds.Kind(KIND, "knowledge", None))


@pytest.fixture
def job(tenant, editor):
    return JobFactory(
        tenant=tenant,
        created_by=editor,
        kind=KIND,
        title="Index the handbook",
        status="running",
        done=12,
        total=310,
        unit="pages",
    )


def url(job, act=""):
    return f"/t/acme/jobs/{job.pk}/{act}"


def test_the_list_shows_ones_own_jobs(page, editor, job):
    content = page(editor).get("/t/acme/jobs/").content.decode()

    assert "Index the handbook" in content
    assert "12 of 310 pages" in content


def test_the_list_filters_by_status_and_title(page, editor, job):
    client = page(editor)

    assert b"handbook" in client.get("/t/acme/jobs/?status=running&q=HAND").content
    assert b"No job matches" in client.get("/t/acme/jobs/?status=failed").content
    assert b"No job matches" in client.get("/t/acme/jobs/?q=nothing").content


def test_htmx_gets_the_results_alone(page, editor, job):
    response = page(editor).get("/t/acme/jobs/", headers={"HX-Request": "true"})

    assert b"handbook" in response.content
    assert b"<html" not in response.content


def test_an_empty_list_says_what_a_job_is(page, owner):
    assert b"Uploading a document makes one" in page(owner).get("/t/acme/jobs/").content


def test_the_list_costs_the_same_for_any_number_of_jobs(
    page, editor, tenant, django_assert_max_num_queries
):
    JobFactory.create_batch(30, tenant=tenant, created_by=editor)
    client = page(editor)

    with django_assert_max_num_queries(8):
        client.get("/t/acme/jobs/")


def test_an_unfinished_job_asks_again_by_itself(page, editor, job):
    response = page(editor).get(url(job))

    assert b'hx-trigger="every 2s"' in response.content
    assert b'max="310"' in response.content


def test_a_finished_job_is_left_alone(page, editor, tenant):
    job = JobFactory(tenant=tenant, created_by=editor, status="done")

    response = page(editor).get(url(job), headers={"HX-Request": "true"})

    assert b"every 2s" not in response.content


def test_progress_tells_the_page_when_the_job_has_ended(page, editor, job):
    client = page(editor)
    running = client.get(url(job, "progress/"))
    type(job).unscoped.filter(pk=job.pk).update(status="done")
    done = client.get(url(job, "progress/"))

    assert "HX-Trigger" not in running
    assert done["HX-Trigger"] == "job-finished"


def test_a_failed_job_names_its_cause_and_offers_another_try(page, editor, tenant):
    job = JobFactory(
        tenant=tenant, created_by=editor, status="failed", cause="It is empty.", kind=KIND
    )
    client = page(editor)

    assert b"It is empty." in client.get(url(job)).content

    client.post(url(job, "retry/"))
    job.refresh_from_db()
    assert job.status == "queued"


def test_a_running_job_can_be_cancelled(page, editor, job):
    response = page(editor).post(url(job, "cancel/"), follow=True)

    job.refresh_from_db()
    assert job.is_cancel_requested
    assert b"Cancelling" in response.content


def test_acts_are_posts(page, editor, job):
    assert page(editor).get(url(job, "cancel/")).status_code == 405
    assert page(editor).get(url(job, "retry/")).status_code == 405


@pytest.mark.parametrize("act", ["", "progress/"])
def test_a_foreign_job_does_not_exist(page, stranger, viewer, job, act):
    assert page(stranger).get(url(job, act)).status_code == 404
    assert page(viewer).get(url(job, act)).status_code == 404


def test_the_indicator_counts_what_is_unfinished(page, editor, job, tenant):
    JobFactory(tenant=tenant, created_by=editor, status="done")
    client = page(editor)

    busy = client.get("/t/acme/jobs/indicator/").content
    type(job).unscoped.update(status="done")
    idle = client.get("/t/acme/jobs/indicator/").content

    assert b"1 job<" in busy
    assert b"every 3s" in busy
    assert b"No jobs" in idle
    assert b"every 3s" not in idle
