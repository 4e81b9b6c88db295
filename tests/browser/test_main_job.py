"""The main job, from an empty organisation to an answer with its source and its trace."""

import fpdf
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import axe_findings, shoot, sign_in

PAGES = (
    "Handbook of the billing desk. It tells how invoices are written and who signs them.",
    "A duplicate charge is refunded in full, within five working days of the customer's report.",
    "Opening hours. The billing desk answers from eight to six on weekdays.",
)
QUESTION = "How soon is a duplicate charge refunded?"


@pytest.fixture
def handbook(tmp_path):
    """A PDF of three pages; the answer stands on the second."""
    pdf = fpdf.FPDF()
    pdf.set_font("helvetica", size=12)
    for text in PAGES:
        pdf.add_page()
        pdf.multi_cell(0, 8, text)
    path = tmp_path / "handbook.pdf"
    pdf.output(str(path))
    return path


def test_the_main_job(visit, worker, tenant, person, handbook):
    with visit() as (page, watch):
        sign_in(page, person)
        upload_a_pdf(page, handbook)
        write_a_persona(page)
        add_a_tool(page)
        build_and_publish_an_agent(page)
        ask_it(page)
        follow_the_citation(page)
        read_the_trace(page)

        assert watch.take() == []


def go(page, section):
    page.get_by_role("navigation", name="Main").get_by_role("link", name=section).click()


def upload_a_pdf(page, handbook):
    go(page, "Knowledge")
    page.get_by_role("link", name="New source").click()
    page.get_by_label("Name").fill("Billing handbook")
    page.get_by_role("button", name="Create source").click()
    page.get_by_label("Files to upload").set_input_files(handbook)
    row = page.get_by_role("row", name="handbook.pdf")
    expect(row).to_contain_text("Ready", timeout=60_000)
    shoot(page, "main-job-1-uploaded")


def write_a_persona(page):
    go(page, "Personas")
    page.get_by_role("link", name="New persona").click()
    page.get_by_label("Name", exact=True).fill("Patient explainer")
    page.get_by_label("Instructions").fill("Explain patiently what the handbook says.")
    expect(page.get_by_label("The prompt")).to_contain_text("Explain patiently")
    page.get_by_role("button", name="Create persona").last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patient explainer")


def add_a_tool(page):
    go(page, "Tools")
    page.get_by_role("link", name="Add a built-in").click()
    page.get_by_label("Function", exact=True).select_option(label="Current time")
    page.get_by_label("Name", exact=True).fill("Current time")
    page.get_by_label("Description").fill("Tells the present date and time.")
    page.get_by_role("button", name="Create tool").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Current time")


def build_and_publish_an_agent(page):
    go(page, "Agents")
    page.get_by_role("link", name="New agent").click()
    page.get_by_label("Name", exact=True).fill("Billing helper")
    page.get_by_label("Persona").select_option(label="Patient explainer")
    # What comes with the persona moves what stands below it.
    expect(page.get_by_text("This persona has no variables.")).to_be_visible()
    page.get_by_role("checkbox", name="Billing handbook").check()
    page.get_by_role("checkbox", name="Current time").check()
    page.get_by_role("button", name="Create agent").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Billing helper")
    page.get_by_role("link", name="Publish").first.click()
    page.get_by_role("main").get_by_role("button", name="Publish").click()
    expect(page.get_by_role("main")).to_contain_text("Live")


def ask_it(page):
    page.get_by_role("link", name="Console").click()
    ask(page, "What time is it now?")
    expect(page.get_by_label("Trace")).to_contain_text("current_time")
    with page.expect_response("**/events/**") as stream:
        ask(page, QUESTION)
    assert stream.value.headers["content-type"].startswith("text/event-stream")
    answer = page.get_by_label("Question and answer").last
    expect(answer).to_contain_text("within five working days")
    assert axe_findings(page) == []
    shoot(page, "main-job-2-answered")


def ask(page, question):
    page.get_by_label("Question", exact=True).fill(question)
    page.get_by_role("button", name="Send").click()
    answer = page.get_by_label("Question and answer").last
    expect(answer).to_contain_text(question)
    expect(answer).not_to_have_attribute("aria-busy", "true")


def follow_the_citation(page):
    answer = page.get_by_label("Question and answer").last
    answer.locator("a.cite").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("handbook.pdf")
    expect(page.get_by_role("main")).to_contain_text("page 2")
    expect(page.locator("[aria-current=true]").last).to_contain_text("refunded in full")
    shoot(page, "main-job-3-cited-page")


def read_the_trace(page):
    go(page, "Runs")
    page.get_by_role("link", name=QUESTION).click()
    trace = page.get_by_label("Trace")
    step = trace.locator("summary").first
    expect(step).to_contain_text("Retriev")
    step.click()
    expect(trace).to_contain_text("handbook.pdf")
    expect(trace.get_by_text("Cost")).to_be_visible()
    expect(trace.get_by_text("First token")).to_be_visible()
    shoot(page, "main-job-4-trace")
