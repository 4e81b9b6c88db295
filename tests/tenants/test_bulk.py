"""Doing one thing to many rows of a list."""

from urllib.parse import urlencode

import pytest
from django.http import Http404, QueryDict
from django.urls import reverse

from agents.models import Agent
from agents.runs.models import AgentRun
from knowledge.models import Document, Source
from personas.models import Persona
from tenants import bulk
from tenants.models import ApiKey, AuditEvent, Invitation, Job, Membership
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.runs import AgentRunFactory
from tests.factories.tenants import ApiKeyFactory, JobFactory
from tools.models import Tool

pytestmark = pytest.mark.django_db

MODELS = {
    "agents": Agent,
    "documents": Document,
    "invitations": Invitation,
    "jobs": Job,
    "keys": ApiKey,
    "members": Membership,
    "personas": Persona,
    "runs": AgentRun,
    "sources": Source,
    "tools": Tool,
}


@pytest.fixture
def act(page, tenant):
    """`act(person, "agents", "delete", rows)`: confirmed; the messages of the page after."""

    def send(person, listed, name, rows, filters=""):
        url = reverse("tenants:bulk-act", args=[tenant.slug, listed, name])
        ids = " ".join(str(row.pk) for row in rows)
        query = urlencode({"filters": filters})
        answer = page(person).post(f"{url}?{query}", {"ids": ids}, follow=True)
        return [str(message) for message in answer.context["messages"]]

    return send


@pytest.fixture
def ask(page, tenant):
    """`ask(person, "agents", "delete", rows)`: the page that asks for a confirmation."""

    def get(person, listed, name, rows=(), **query):
        url = reverse("tenants:bulk-act", args=[tenant.slug, listed, name])
        return page(person).get(url, {"id": [str(row.pk) for row in rows], **query})

    return get


def deleted():
    events = AuditEvent.unscoped.filter(action__endswith=".deleted")
    return sorted(events.values_list("object_label", flat=True))


def test_there_is_a_list_for_each_model(page, tenant, owner):
    page(owner).get(f"/t/{tenant.slug}/")

    assert set(bulk.names()) == set(MODELS)


def test_each_row_that_was_ticked_is_deleted_with_an_event_of_its_own(tenant, admin, act):
    one, two, _ = (AgentFactory(tenant=tenant, name=name) for name in ("One", "Two", "Three"))

    told = act(admin, "agents", "delete", [one, two])

    assert list(Agent.unscoped.values_list("name", flat=True)) == ["Three"]
    assert deleted() == ["One", "Two"]
    assert told == ["2 agents were deleted."]


def test_what_a_person_may_not_change_is_left_and_named(tenant, owner, editor, access, act, ask):
    mine, other = (PersonaFactory(tenant=tenant, name=name) for name in ("Mine", "Other"))
    grant(access, mine, editor)

    asked = ask(editor, "personas", "delete", [mine, other])
    told = act(editor, "personas", "delete", [mine, other])

    assert "Delete 1 persona?" in asked.text
    assert "Left as before" in asked.text
    assert told == [
        "1 persona was deleted.",
        "Left as before: “Other”; you may not do that to it.",
    ]
    assert deleted() == ["Mine"]


def grant(access, row, person):
    from tenants.services.sharing import share

    owner = Membership.unscoped.get(tenant=row.tenant, role__slug="owner").user
    member = Membership.unscoped.get(tenant=row.tenant, user=person)
    share(access(owner), row, member, allowed="manage", denied="")


def test_the_confirmation_names_what_is_in_use_and_by_whom(tenant, owner, act, ask):
    used, unused = (PersonaFactory(tenant=tenant, name=name) for name in ("Used", "Unused"))
    agent = AgentFactory(tenant=tenant, name="Helper", persona=used)

    asked = ask(owner, "personas", "delete", [used, unused])
    act(owner, "personas", "delete", [used, unused])

    assert "1 agent uses some of them" in asked.text
    assert agent.get_absolute_url() in asked.text
    agent.refresh_from_db()
    assert agent.persona is None


def test_what_somebody_uses_that_one_may_not_change_stays(tenant, owner, admin, act):
    used = PersonaFactory(tenant=tenant, name="Used")
    AgentFactory(tenant=tenant, name="Hidden helper", persona=used, is_restricted=True)

    told = act(admin, "personas", "delete", [used])

    assert told == [
        "Left as before: “Used”; it is used by 1 that you may not see, not all yours to change."
    ]
    assert Persona.unscoped.filter(pk=used.pk).exists()


def test_all_that_a_filter_shows_up_to_a_limit(tenant, owner, act, ask, monkeypatch):
    monkeypatch.setattr(bulk, "MOST", 2)
    for name in ("Old zebra", "New zebra", "Newest zebra", "Other"):
        PersonaFactory(tenant=tenant, name=name)

    asked = ask(owner, "personas", "delete", filters="q=zebra", all="1")

    assert "Delete 2 personas?" in asked.text
    assert "The filter shows more." in asked.text
    assert [row.name for row in asked.context["chosen"].open_to] == ["Newest zebra", "New zebra"]
    assert asked.context["back"].endswith("/personas/?q=zebra")


def test_more_than_the_limit_is_refused(tenant, owner, access, monkeypatch, ask):
    monkeypatch.setattr(bulk, "MOST", 1)

    answer = ask(owner, "personas", "delete", [PersonaFactory(tenant=tenant) for _ in "ab"])

    assert answer.status_code == 400


@pytest.mark.parametrize("listed", sorted(MODELS))
def test_what_is_foreign_is_as_if_it_were_not_there(
    listed, page, tenant, owner, stranger, other_tenant, access, act
):
    page(owner).get(f"/t/{tenant.slug}/")
    rows = {
        "agents": lambda: AgentFactory(tenant=other_tenant),
        "jobs": lambda: JobFactory(tenant=other_tenant, created_by=stranger),
        "keys": lambda: ApiKeyFactory(tenant=other_tenant, user=stranger),
        "members": lambda: Membership.unscoped.get(tenant=other_tenant),
        "runs": lambda: AgentRunFactory(tenant=other_tenant, status="queued"),
        "sources": lambda: SourceFactory(tenant=other_tenant),
    }
    foreign = str(rows[listed]().pk) if listed in rows else str(other_tenant.pk)
    for name in [one.name for one in bulk._lists[listed].acts]:
        found, doing = bulk.find(access(owner), listed, name)
        with pytest.raises(Http404):
            bulk.ticked(access(owner), found, doing, [foreign, "no id"])


def test_a_filter_shows_nothing_foreign(tenant, owner, other_tenant, access, page):
    page(owner).get(f"/t/{tenant.slug}/")
    foreign = SourceFactory(tenant=other_tenant)
    found, doing = bulk.find(access(owner), "documents", "delete")

    for source in (foreign.pk, "", "x"):
        with pytest.raises(Http404):
            bulk.matching(access(owner), found, doing, QueryDict(f"source={source}"))


@pytest.mark.parametrize("address", ["agents/explode", "nothing/delete"])
def test_an_unknown_act_is_not_found(page, tenant, owner, address):
    assert page(owner).get(f"/t/{tenant.slug}/bulk/{address}/?id=1").status_code == 404


def test_lists_that_one_may_not_open_are_closed_here_too(page, tenant, editor):
    url = reverse("tenants:bulk-act", args=[tenant.slug, "members", "suspend"])

    assert page(editor).post(url, {"ids": "x"}).status_code == 403


def test_nothing_ticked_leads_back(page, tenant, owner):
    url = reverse("tenants:bulk-act", args=[tenant.slug, "agents", "delete"])

    answer = page(owner).get(url, {"filters": "status=draft"})

    assert (answer.status_code, answer.url) == (302, f"/t/{tenant.slug}/agents/?status=draft")


def test_what_has_taken_too_long_is_left_for_another_time(tenant, owner, access, monkeypatch, page):
    page(owner).get(f"/t/{tenant.slug}/")
    monkeypatch.setattr(bulk, "LONGEST_SECONDS", -1.0)
    row = AgentFactory(tenant=tenant, name="Slow")
    found, doing = bulk.find(access(owner), "agents", "delete")

    outcome = bulk.carry_out(
        access(owner), doing, bulk.ticked(access(owner), found, doing, [str(row.pk)])
    )

    assert (outcome.done, outcome.left) == (0, [("Slow", bulk.NO_TIME)])
