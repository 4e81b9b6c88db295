"""Ticking rows of a list and acting on them, with scripts and without."""

from playwright.sync_api import expect

from personas.models import Persona
from tests.browser.conftest import axe_findings, shoot, sign_in
from tests.factories.personas import PersonaFactory

PERSONAS = "/t/acme/personas/"
ROWS = 52  # one page has 50


def test_several_rows_at_once(visit, tenant, person):
    Persona.unscoped.bulk_create(
        PersonaFactory.build(tenant=tenant, name=f"Persona {number:02}") for number in range(ROWS)
    )

    with visit() as (page, watch):
        sign_in(page, person)
        page.goto(f"{PERSONAS}?sort=name")
        the_bar_counts_what_is_ticked(page)
        what_is_ticked_outlives_a_search(page)
        the_ticked_rows_are_deleted(page)
        all_that_a_filter_shows_is_more_than_the_page(page)
        assert watch.take() == []

    with visit(java_script_enabled=False) as (page, watch):
        sign_in(page, person)
        it_works_without_script(page)
        assert watch.take() == []


def count(page):
    return page.locator("[data-count]")


def box(page, number):
    return page.get_by_label(f"Select Persona {number:02}", exact=True)


def the_bar_counts_what_is_ticked(page):
    whole_page = page.get_by_label("Select all on this page")
    expect(count(page)).to_be_hidden()

    whole_page.check()
    expect(count(page)).to_have_text("50 selected")
    page.get_by_label(f"all {ROWS} in this list").check()
    expect(count(page)).to_have_text(f"{ROWS} selected")
    box(page, 7).uncheck()
    expect(count(page)).to_have_text("49 selected")
    expect(whole_page).to_have_js_property("indeterminate", True)
    page.get_by_role("button", name="Select none").click()
    expect(count(page)).to_be_hidden()
    expect(whole_page).to_be_focused()


def what_is_ticked_outlives_a_search(page):
    box(page, 3).check()
    box(page, 5).click(modifiers=["Shift"])
    expect(count(page)).to_have_text("3 selected")
    assert axe_findings(page) == []
    shoot(page, "several-1280-light")

    page.get_by_placeholder("Name, role").fill("Persona 0")
    expect(box(page, 10)).to_have_count(0)
    expect(count(page)).to_have_text("3 selected")
    expect(box(page, 4)).to_be_checked()


def the_ticked_rows_are_deleted(page):
    page.get_by_role("button", name="Delete…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 3 personas?")
    page.get_by_role("button", name="Delete 3 personas").click()

    expect(page.locator("#messages")).to_contain_text("3 personas were deleted.")
    names = Persona.unscoped.filter(name__in=[f"Persona {number:02}" for number in (2, 3, 4, 5, 6)])
    assert sorted(names.values_list("name", flat=True)) == ["Persona 02", "Persona 06"]


def all_that_a_filter_shows_is_more_than_the_page(page):
    """The ids of the page stay out of the address: its filters say it."""
    tenant = Persona.unscoped.first().tenant
    for name in ("Persona 52", "Persona 53", "Other"):
        PersonaFactory(tenant=tenant, name=name)
    page.goto(f"{PERSONAS}?q=Persona")
    page.get_by_label("Select all on this page").check()
    page.get_by_label("all 51 in this list").check()
    page.get_by_role("button", name="Delete…").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Delete 51 personas?")
    assert "id=" not in page.url


def it_works_without_script(page):
    page.goto(f"{PERSONAS}?sort=name")
    expect(count(page)).to_have_text("With the ticked rows:")
    box(page, 0).check()
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("button", name="Delete 1 persona").click()

    expect(page.locator("#messages")).to_contain_text("1 persona was deleted.")
    assert page.url.endswith(f"{PERSONAS}?sort=name")
    assert not Persona.unscoped.filter(name="Persona 00").exists()
