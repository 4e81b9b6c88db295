"""What the frame does in the hands of a person: keys, themes, drafts, dialogs, a phone."""

import re

from playwright.sync_api import expect

from tenants.models import ApiKey, Secret
from tests.browser.conftest import axe_findings, shoot, sign_in
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ProviderFactory, SecretFactory

SECRETS = "/t/acme/settings/secrets/"


def test_the_frame_in_use(visit, tenant, person):
    AgentFactory(tenant=tenant, name="Billing helper")
    SecretFactory(tenant=tenant, name="Vendor key")
    provider = ProviderFactory(tenant=tenant)

    with visit() as (page, watch):
        sign_in(page, person)
        the_palette_leads_anywhere_by_keys(page)
        a_theme_holds_at_once_and_after_a_reload(page)
        what_was_typed_survives_a_reload(page)
        added_rows_survive_a_reload(page)
        a_pressed_button_keeps_the_focus(page, provider)
        deleting_asks_first(page)
        a_reload_makes_no_second_key(page)
        the_count_of_a_list_follows_its_filters(page)
        a_failing_piece_says_so(page, watch)
        assert watch.take() == []

    with visit(width=360, theme="dark") as (page, watch):
        sign_in(page, person)
        the_sidebar_is_a_sheet_on_a_phone(page)
        assert watch.take() == []

    with visit(java_script_enabled=False) as (page, watch):
        sign_in(page, person)
        it_works_without_script(page)
        assert watch.take() == []


def the_palette_leads_anywhere_by_keys(page):
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="New agent")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()

    page.keyboard.press("/")
    page.keyboard.type("billing")
    found = page.get_by_role("option", name="Billing helper")
    expect(found).to_have_attribute("aria-selected", "true")
    assert axe_findings(page) == []
    shoot(page, "palette-1280-light")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Billing helper")

    page.keyboard.press("Control+k")
    page.keyboard.type("billing")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()


def a_theme_holds_at_once_and_after_a_reload(page):
    page.get_by_role("button", name="Account of").click()
    with page.expect_response("**/accounts/theme/"):
        page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Account of").click()
    with page.expect_response("**/accounts/theme/"):
        page.get_by_role("button", name="System").click()


def what_was_typed_survives_a_reload(page):
    page.goto(f"{SECRETS}new/")
    page.get_by_label("Name").fill("Half typed")
    page.get_by_label("Value").fill("not to be kept anywhere")
    page.reload()
    expect(page.get_by_label("Name")).to_have_value("Half typed")
    expect(page.get_by_label("Value")).to_have_value("")

    page.get_by_label("Value").fill("typed again")
    page.get_by_role("button", name="Seal it").click()
    expect(page.get_by_role("status")).to_contain_text("Half typed was sealed.")
    page.goto(f"{SECRETS}new/")
    expect(page.get_by_label("Name")).to_have_value("")


def added_rows_survive_a_reload(page):
    page.goto("/t/acme/personas/new/")
    for number, name in enumerate(["plan", "city"]):
        page.get_by_role("button", name="Add a variable").click()
        expect(page.get_by_role("button", name="Add a variable")).to_be_focused()
        page.locator(f"[name=variables-{number}-name]").fill(name)
    page.reload()
    expect(page.locator("[name=variables-1-name]")).to_have_value("city")
    expect(page.locator("[name=variables-0-name]")).to_have_value("plan")
    expect(page.locator("[name=variables-TOTAL_FORMS]")).to_have_value("2")

    page.get_by_role("button", name="Discard").click()
    expect(page.locator("[name=variables-0-name]")).to_have_count(0)


def a_pressed_button_keeps_the_focus(page, provider):
    page.goto(f"/t/acme/settings/providers/{provider.pk}/")
    page.get_by_role("button", name="Test connection").press("Enter")
    expect(page.get_by_role("status", name="What came of it")).to_be_visible()
    expect(page.get_by_role("button", name="Test connection")).to_be_focused()


def deleting_asks_first(page):
    page.goto(SECRETS)
    page.get_by_role("button", name="Actions for Vendor key").click()
    page.get_by_role("button", name="Delete…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Vendor key")
    assert axe_findings(page) == []
    dialog.get_by_role("button", name="Cancel").click()
    expect(dialog).to_be_hidden()

    page.get_by_role("button", name="Actions for Vendor key").click()
    page.get_by_role("button", name="Delete…").click()
    dialog.get_by_role("button", name="Delete secret").click()
    expect(page.get_by_role("status")).to_contain_text("Vendor key was deleted.")
    assert not Secret.unscoped.filter(name="Vendor key").exists()


def the_count_of_a_list_follows_its_filters(page):
    page.goto("/t/acme/agents/")
    search = page.get_by_placeholder("Name, persona, tool…")
    place = search.bounding_box()
    search.fill("no such agent")
    expect(page.locator("#total")).to_have_text("0 found")
    expect(page.get_by_role("button", name="Save view")).to_be_visible()
    assert search.bounding_box() == place

    search.blur()
    page.go_back()
    expect(page.locator("#total")).not_to_have_text("0 found")
    expect(page.get_by_role("link", name="Billing helper")).to_be_visible()


def a_failing_piece_says_so(page, watch):
    assert watch.take() == []
    page.goto("/t/acme/jobs/")
    page.route("**/jobs/?*", lambda route: route.fulfill(status=500, body="broken"))
    page.get_by_placeholder("Title…").fill("anything")
    expect(page.get_by_role("status")).to_contain_text("Something went wrong on the server")
    # The failure was ours, and the browser reports it too.
    assert watch.take() != []


def a_reload_makes_no_second_key(page):
    page.goto("/t/acme/settings/api-keys/new/")
    page.get_by_label("Name", exact=True).fill("Nightly import")
    page.get_by_label("See agents").check()
    page.get_by_role("button", name="Make key").click()
    expect(page.get_by_text("This key is shown only now.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/api-keys/[0-9a-f-]{36}/$"))

    page.reload()

    expect(page.get_by_role("heading", level=1)).to_have_text("Nightly import")
    expect(page.get_by_text("This key is shown only now.")).to_be_hidden()
    assert ApiKey.unscoped.count() == 1


def the_sidebar_is_a_sheet_on_a_phone(page):
    jobs = page.get_by_role("navigation", name="Main").get_by_role("link", name="Jobs")
    expect(jobs).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    expect(jobs).to_be_visible()
    shoot(page, "sheet-360-dark")
    page.keyboard.press("Escape")
    expect(jobs).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    jobs.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Jobs")


def it_works_without_script(page):
    page.goto("/t/acme/jobs/")
    page.get_by_role("button", name="Account of").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.get_by_role("link", name="Search or jump to").click()
    page.get_by_placeholder("Pages, agents").fill("billing")
    page.get_by_role("main").get_by_role("button", name="Search").click()
    expect(page.get_by_role("option", name="Billing helper")).to_be_visible()
