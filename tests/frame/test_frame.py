"""What every signed-in page has around it."""

import pytest

from tests.factories.tenants import JobFactory

pytestmark = pytest.mark.django_db


def test_the_sidebar_marks_where_one_is(page, owner):
    content = page(owner).get("/t/acme/settings/providers/").content.decode()

    assert '<a href="/t/acme/settings/" aria-current="true">' in content


def test_the_sidebar_offers_no_settings_to_who_may_not_see_them(page, owner):
    assert "Settings" in page(owner).get("/t/acme/jobs/").content.decode()


def test_a_message_is_shown_once(page, editor, tenant):
    job = JobFactory(tenant=tenant, created_by=editor, status="running")
    client = page(editor)
    client.post(f"/t/acme/jobs/{job.pk}/cancel/")

    assert b"is being cancelled" in client.get("/t/acme/jobs/").content
    assert b"is being cancelled" not in client.get("/t/acme/jobs/").content


def test_pages_carry_the_content_security_policy(page, owner):
    policy = page(owner).get("/t/acme/jobs/")["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_pages_are_kept_out_of_caches(page, owner):
    assert page(owner).get("/t/acme/jobs/")["Cache-Control"] == "no-store"
