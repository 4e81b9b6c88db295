"""An agent's tools out of hundreds, in a browser: typed, ticked with the keyboard, kept, saved."""

from contextlib import contextmanager

from playwright.sync_api import expect

from agents.models import Agent
from tests.browser.conftest import axe_findings, shoot, sign_in
from tests.factories.agents import AgentFactory, AgentToolFactory
from tests.factories.tools import ToolFactory
from tools.models import Tool

WIDTHS_AND_THEMES = ((1280, "light"), (1280, "dark"), (360, "light"), (360, "dark"))


def furnish(tenant):
    agent = AgentFactory(tenant=tenant, name="Billing helper")
    AgentToolFactory(tenant=tenant, agent=agent, tool__name="Zebra")
    made = [ToolFactory.build(tenant=tenant, name=f"Find {n:03}") for n in range(300)]
    Tool.unscoped.bulk_create(made)
    ToolFactory(tenant=tenant, name="Refund a charge")
    return agent


def ticked(page):
    return page.locator("#id_tools label:has(:checked) strong")


def search(page, words):
    with settled(page):
        page.get_by_role("searchbox", name="Find tools").fill(words)


@contextmanager
def settled(page):
    """What is asked here is answered and drawn at its end: a tick before that would be lost."""
    with page.expect_response("**/find/"):
        yield
    expect(page.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)


def test_a_tool_out_of_hundreds_is_found_and_chosen_by_keyboard(visit, tenant, person):
    agent = furnish(tenant)
    with visit() as (page, watch):
        sign_in(page, person)
        page.goto(f"/t/acme/agents/{agent.pk}/edit/")
        expect(page.get_by_role("group", name="Tools").get_by_role("checkbox")).to_have_count(21)
        expect(ticked(page)).to_have_text(["Zebra"])

        search(page, "refund")
        expect(page.locator("#id_tools_told")).to_contain_text("1 other with “refund”")
        with settled(page):
            page.keyboard.press("Enter")  # finds, and does not save
        for key in ("Tab", "Tab", "Space"):
            page.keyboard.press(key)
        expect(ticked(page)).to_have_text(["Zebra", "Refund a charge"])

        search(page, "find 29")
        expect(ticked(page)).to_have_text(["Refund a charge", "Zebra"])
        page.reload()
        expect(page.get_by_text("Your unsaved changes are back")).to_be_visible()
        expect(ticked(page)).to_have_text(["Refund a charge", "Zebra"])
        page.get_by_role("button", name="Save draft").click()
        page.wait_for_url(f"**/agents/{agent.pk}/")

        assert watch.take() == []
    tools = Agent.unscoped.get(pk=agent.pk).tool_links.values_list("tool__name", flat=True)
    assert sorted(tools) == ["Refund a charge", "Zebra"]


def test_the_search_is_fit_for_everybody(visit, tenant, person):
    agent = furnish(tenant)
    for width, theme in WIDTHS_AND_THEMES:
        with visit(width=width, theme=theme) as (page, watch):
            sign_in(page, person)
            page.goto(f"/t/acme/agents/{agent.pk}/edit/")
            search(page, "find 1")
            expect(page.locator("#id_tools_told")).to_contain_text("More than 20 others fit")

            assert axe_findings(page) == [], f"{width} {theme}"
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert watch.take() == []
            shoot(page, f"finding-{width}-{theme}")
