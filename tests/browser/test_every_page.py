"""Every page of the URLconf opens, and looks right in both themes, wide and as on a phone."""

import os
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from agents.models import Agent, AgentVersion
from agents.runs.models import AgentRun
from knowledge.models import Chunk, Document, Source
from personas.models import Persona
from tenants import audit, services
from tenants.ids import uuid7
from tenants.models import (
    ApiKey,
    AuditEvent,
    Job,
    Membership,
    ModelPrice,
    Provider,
    Role,
    SavedView,
    Secret,
    SignInProvider,
)
from tests.architecture.routes import PLAIN, pages
from tests.browser.conftest import STANDARDS, axe_findings, shoot, sign_in
from tests.factories.agents import AgentFactory, AgentSourceFactory, AgentToolFactory, publish
from tests.factories.knowledge import SourceFactory, indexed
from tests.factories.personas import PersonaFactory
from tests.factories.runs import AgentRunFactory, RunStepFactory, ToolExecutionFactory
from tests.factories.tenants import (
    ApiKeyFactory,
    JobFactory,
    ModelPriceFactory,
    ProviderFactory,
    SavedViewFactory,
    SecretFactory,
    SignInProviderFactory,
)
from tests.factories.tools import ToolFactory
from tools.models import Tool

# Of several hundred views, which takes as long as all the rest here; the main job is always shot.
WANTS_SCREENSHOTS = os.environ.get("ROSTER_SCREENSHOTS") == "1"
# The rules of axe that a theme can break by itself.
OF_COLOURS = ["color-contrast", "link-in-text-block"]
# How each page is looked at: its width, the theme, and by which rules.
LOOKS = (
    (1280, "light", STANDARDS),
    (1280, "dark", OF_COLOURS),
    (360, "light", ()),
    (360, "dark", STANDARDS),
)
# What stands around every page of an organisation is looked through on one of them.
FRAME = [".sidebar", ".topbar", "#palette"]
WITH_FRAME = "home"
# So that both processes of a run have something to do.
SHARES = 2

# Neither the page nor a list in it may be wider than its place.
SIDEWAYS = """
    [document.documentElement, ...document.querySelectorAll(".table, .scroll")]
        .some((place) => place.scrollWidth > place.clientWidth + 1)
"""

# Addresses that answer GET and are no pages of their own, each with the reason.
NO_PAGE = {
    "tenants:job-progress": "a piece that other pages renew",
    "tenants:job-indicator": "a piece of the top bar",
    "knowledge:source-progress": "a piece that a source renews",
    "knowledge:document-file": "the file itself, as a download",
    "runs:run-events": "a stream of events",
    "runs:run-turn": "a piece of the console",
    "runs:run-trace": "a piece of the console",
}
SIGNED_OUT = ("account_login", "account_reset_password", "account:organisation")
# Pages of no organisation that everybody has for themselves.
OWN = (
    "account:tenant-list",
    "account:profile",
    "account:connected",
    "account:device-list",
    "account_change_password",
    "account_email",
    "account_reauthenticate",
    "mfa_index",
)


@pytest.fixture
def rows(tenant, person, viewer, access):
    """One of everything, with enough in it to look at."""
    source = SourceFactory(tenant=tenant, name="Refunds and duplicates")
    text = "# Duplicates\n\nA duplicate charge is refunded in full within five working days.\n" * 12
    document, _ = indexed(
        access(person), source, ("Refund policy.md", text), ("Locked.pdf", b"%PDF-1.7 damaged")
    )
    persona = PersonaFactory(tenant=tenant, name="Patient explainer")
    tool = ToolFactory(tenant=tenant, name="Find charges")
    agent = AgentFactory(tenant=tenant, name="Billing helper", persona=persona)
    AgentToolFactory(tenant=tenant, agent=agent, tool=tool)
    AgentSourceFactory(tenant=tenant, agent=agent, source=source)
    version = publish(agent)
    secret = SecretFactory(tenant=tenant, name="Vendor key", value="canary-0123456789")
    provider = ProviderFactory(tenant=tenant, name="OpenAI", secret=secret)
    job = JobFactory(
        tenant=tenant,
        created_by=person,
        title="Index “Handbook.pdf”",
        status="running",
        done=120,
        total=310,
        unit="pages",
    )
    changes = {"name": ["Explainer", "Patient explainer"], "tone": ["", "warm, brief"]}
    changes["instructions"] = ["Explain.\nBe kind.", "Explain.\nBe patient.\nBe kind."]
    with transaction.atomic():
        event = audit.record(access(person), "persona.updated", persona, changes)
    return {
        Agent: agent,
        AuditEvent: event,
        AgentVersion: version,
        ApiKey: key_in_use(tenant, person, agent),
        AgentRun: finished_run(tenant, agent, person, document),
        Chunk: document.chunks.first(),
        Document: document,
        Job: job,
        Membership: Membership.unscoped.get(user=viewer),
        Role: services.create_role(access(person), label="Desk", capabilities=["run_agents"]),
        Persona: persona,
        Provider: provider,
        SavedView: SavedViewFactory(tenant=tenant, user=person, name="Drafts", is_shared=True),
        SignInProvider: SignInProviderFactory(tenant=tenant, name="Acme login"),
        ModelPrice: ModelPriceFactory(tenant=tenant, provider=provider),
        Secret: secret,
        Source: source,
        Tool: tool,
    }


def key_in_use(tenant, person, agent):
    return ApiKeyFactory(
        tenant=tenant,
        user=person,
        name="Nightly import",
        scopes=["run_agents", "upload_knowledge"],
        agent_ids=[agent.pk],
        networks=["192.0.2.0/24", "2001:db8::/32"],
        rate_limit=600,
        last_used_at=timezone.now(),
        last_used_from="192.0.2.17",
        previous_ends_at=timezone.now() + timedelta(hours=23),
    )


def found(document):
    """Two passages that a run found: one that is there, and one that is no more."""
    passage = document.chunks.first()
    there = {
        "n": 1,
        "document_id": str(document.pk),
        "document": document.name,
        "page": None,
        "heading": passage.heading,
        "chunk_id": str(passage.pk),
        "score": 0.7,
        "text": passage.text,
    }
    return {"passages": [there, {**there, "n": 2, "chunk_id": str(uuid7()), "text": "It was so."}]}


def finished_run(tenant, agent, person, document):
    run = AgentRunFactory(
        tenant=tenant,
        agent=agent,
        started_by=person,
        input="A customer was charged twice for October. What do we do?",
        output="Refund the second charge in full [1].",
        input_tokens=1840,
        output_tokens=62,
    )
    RunStepFactory(
        tenant=tenant,
        run=run,
        position=3,
        kind="retrieval",
        name="Retrieve",
        output=found(document),
    )
    step = RunStepFactory(tenant=tenant, run=run, position=1, name="demo")
    ToolExecutionFactory(tenant=tenant, run=run, step=step, position=2, name="find_charges")
    AgentRunFactory(
        tenant=tenant,
        agent=agent,
        started_by=person,
        status="failed",
        output="",
        cause="The provider answered 503 twice.",
        cause_code="provider_error",
    )
    return run


def addresses_of(tenant, rows):
    """Name → address of every page; a row that is missing here fails the test."""
    found = {name: reverse(name) for name in (*SIGNED_OUT, *OWN)}
    for route in pages():
        if route.method == "GET" and route.name not in NO_PAGE:
            values = {
                keyword: rows[model].number if keyword == "number" else rows[model].pk
                for keyword, model in route.objects.items()
            }
            found[route.name] = route.template.format(tenant=tenant.slug, **PLAIN, **values)
    found["tenants:bulk-act"] += f"?id={rows[Agent].pk}"
    return found


@pytest.mark.parametrize("share", range(SHARES))
def test_every_page_opens_in_both_themes(visit, tenant, person, rows, share):
    addresses = addresses_of(tenant, rows)
    problems = {}

    with visit() as (page, watch):
        for name in SIGNED_OUT[share::SHARES]:
            look_at(page, watch, name, addresses[name], problems)
        sign_in(page, person)
        for name in [name for name in addresses if name not in SIGNED_OUT][share::SHARES]:
            look_at(page, watch, name, addresses[name], problems)

    assert len(addresses) > 30
    assert problems == {}


def look_at(page, watch, name, url, problems):
    """Open a page once, and look at it at each width and in each theme."""
    page.set_viewport_size({"width": LOOKS[0][0], "height": 800})
    response = page.goto(url)
    found = [] if response.ok else [f"answered {response.status}"]
    for width, theme, rules in LOOKS:
        page.set_viewport_size({"width": width, "height": 800})
        page.emulate_media(color_scheme=theme)
        if WANTS_SCREENSHOTS:
            shoot(page, f"{name.replace(':', '-')}-{width}-{theme}")
        frame = () if name == WITH_FRAME else FRAME
        lines = axe_findings(page, rules, leaving_out=frame) if rules else ()
        found += [f"{width} {theme} {line}" for line in lines]
        if page.evaluate(SIDEWAYS):
            found.append(f"{width} scrolls sideways")
    found += watch.take()
    if found:
        problems[name] = found


def test_the_watch_sees_what_is_wrong(visit):
    """The positive control: a page that breaks every rule."""
    with visit() as (page, watch):
        page.goto("/accounts/sign-in/")
        page.evaluate("""document.body.insertAdjacentHTML("beforeend",
            `<p style="color: red"><img src="https://thief.example/a.png"><button></button>
             <span class="table"><b class="wide">${"wide".repeat(900)}</b></span>`)""")
        problems, deadline = "", time.monotonic() + 30
        while not ("style-src" in problems and "img-src" in problems):
            assert time.monotonic() < deadline, problems
            page.wait_for_timeout(50)
            problems += "\n".join(watch.take())
        findings = "\n".join(axe_findings(page))
        is_sideways = page.evaluate(SIDEWAYS)

    assert "button-name" in findings
    assert is_sideways


def test_the_exceptions_are_still_there():
    assert set(NO_PAGE) <= {route.name for route in pages()}
