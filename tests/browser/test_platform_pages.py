"""The platform's pages in both themes, wide and on a phone; the switcher by keyboard."""

import pytest

from tenants import services
from tenants.access import Access
from tests.browser.conftest import sign_in
from tests.browser.test_every_page import look_at
from tests.factories.tenants import TenantFactory, UserFactory


@pytest.fixture
def operator(person, tenant):
    """Of several organisations, who was in this one last: the sign-in leads there."""
    person.is_platform_admin, person.last_tenant = True, tenant
    person.save()
    return person


@pytest.fixture
def addresses(tenant, operator):
    """Each state that a page can be in."""
    strange, empty = (
        TenantFactory(slug="birch", name="Birch"),
        TenantFactory(slug="cedar", name="Cedar"),
    )
    services.add_member(strange, UserFactory(), role="owner")
    services.add_member(empty, operator, role="viewer")
    closed = TenantFactory(slug="dogwood", name="Dogwood")
    services.add_member(closed, operator, role="owner")
    services.archive_tenant(Access.of(operator, "dogwood"), closed)
    return {
        "platform:tenant-list": "/platform/",
        "platform:tenant-create": "/platform/new/",
        "platform:tenant-detail": f"/platform/{strange.pk}/",
        "platform:tenant-without-owner": f"/platform/{empty.pk}/",
        "platform:tenant-archived": f"/platform/{closed.pk}/",
        "archived:agents": "/t/dogwood/agents/",
        "archived:settings": "/t/dogwood/settings/",
        "account:tenant-list": "/accounts/organisations/",
    }


def test_the_platforms_pages_open_in_both_themes(visit, operator, addresses):
    problems = {}

    with visit() as (page, watch):
        sign_in(page, operator)
        for name, url in addresses.items():
            look_at(page, watch, name, url, problems)

    assert problems == {}


def test_the_switcher_works_by_keyboard(visit, operator, addresses):
    with visit() as (page, _):
        sign_in(page, operator)
        page.goto("/t/acme/")
        page.locator("button.tenant").focus()
        page.keyboard.press("Enter")
        page.locator("#tenant-choices a").first.wait_for()
        page.keyboard.press("End")
        page.keyboard.press("ArrowUp")
        assert "Dogwood" in page.evaluate("document.activeElement.textContent")
        page.keyboard.press("Enter")
        page.wait_for_url("**/t/dogwood/")
        assert page.get_by_text("Dogwood is archived").is_visible()


def test_archiving_and_bringing_back_by_hand(visit, person):
    with visit() as (page, watch):
        sign_in(page, person)
        page.goto("/t/acme/settings/")
        page.get_by_role("button", name="Archive…").click()
        page.get_by_label("Type the address to go on").fill("acme")
        page.get_by_role("dialog").get_by_role("button", name="Archive").click()
        page.get_by_text("Acme is archived").first.wait_for()
        page.get_by_role("button", name="Bring it back").click()
        page.get_by_text("Acme is back").wait_for()
        assert watch.take() == []
