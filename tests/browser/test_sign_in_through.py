"""Out to another server and back in a real browser, whose policy binds where a form may lead."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import axe_findings, shoot
from tests.tenants.openid_server import running
from tests.tenants.test_through_vendors import set_up  # noqa: F401
from tests.tenants.vendor_servers import GitHub


@pytest.mark.django_db(transaction=True)
def test_who_agrees_is_in_and_who_cancels_is_told_so(visit, set_up):  # noqa: F811
    kim = GitHub(("kim@acme.example", True, True), name="Kim Acme")
    with running(kim) as server, visit() as (page, watch):
        set_up(server)
        page.goto("/accounts/organisation/?organisation=acme")
        page.get_by_role("button", name="Acme login").click()
        page.wait_for_url("**/login/oauth/authorize**")
        page.get_by_role("link", name="Cancel").click()
        expect(page.get_by_role("heading")).to_have_text("Nobody was signed in")
        shoot(page, "sign-in-cancelled")
        assert axe_findings(page) == []
        watch.take()  # the refusal is a 403

        page.get_by_role("link", name="Try again").click()
        page.get_by_role("button", name="Acme login").click()
        page.get_by_role("link", name="Continue").click()

        page.wait_for_url("**/t/acme/")
        assert watch.take() == []
