"""The log is no way around a restriction: who may not see an object is not told its name."""

import pytest

from knowledge import services as knowledge
from personas import services as personas
from tenants import audit
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory, indexed
from tests.factories.personas import PersonaFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/activity/"


@pytest.fixture
def agent(tenant, access, owner):
    """Restricted, with an event that tells of it."""
    agent = AgentFactory(tenant=tenant, name="Vault keeper", is_restricted=True)
    audit.record(access(owner), "agent.updated", agent, {"description": ["Old", "Opens at nine"]})
    return agent


def event(page_or_response):
    rows = page_or_response.context["page"].rows
    return next((row for row in rows if row.action.startswith(("agent.", "source.", "doc"))), None)


def test_an_admin_sees_that_something_withheld_was_changed_and_by_whom(page, admin, agent):
    response = page(admin).get(URL)

    body = response.content.decode()
    assert event(response).action == "agent.updated"
    assert "not shared with you" in body
    assert "Vault" not in body
    assert str(agent.pk) not in body
    assert "Description" not in body


def test_its_own_page_says_no_more(page, admin, agent):
    client = page(admin)

    body = client.get(event(client.get(URL)).get_absolute_url()).content.decode()

    assert "It isn’t shared with you" in body
    assert not any(word in body for word in ("Vault", "nine", str(agent.pk)))


def test_words_and_ids_do_not_find_what_is_withheld(page, admin, agent):
    client = page(admin)

    assert event(client.get(f"{URL}?q=vault")) is None
    assert event(client.get(f"{URL}?object=agents.agent:{agent.pk}")) is None


def test_owners_and_those_with_whom_it_is_shared_read_it_all(page, owner, admin, agent):
    assert "Vault keeper" in page(owner).get(URL).content.decode()

    agent.is_restricted = False
    agent.save()

    assert "Vault keeper" in page(admin).get(URL).content.decode()


def test_it_stays_withheld_when_it_is_no_more(page, owner, admin, agent):
    agent.delete()

    assert "Vault" not in page(admin).get(URL).content.decode()
    assert "Vault keeper" in page(owner).get(URL).content.decode()


def test_what_was_open_stays_told_when_it_is_no_more(page, admin, tenant, access, owner):
    persona = PersonaFactory(tenant=tenant, name="Greeter")
    personas.delete_persona(access(owner), persona)

    assert "Greeter" in page(admin).get(URL).content.decode()


def test_documents_are_withheld_with_their_source(page, admin, owner, tenant, access):
    source = SourceFactory(tenant=tenant, is_restricted=True)
    [document] = indexed(access(owner), source, ("vault.txt", "It opens at nine."))
    knowledge.delete_document(access(owner), document)

    assert "vault" not in page(admin).get(URL).content.decode()
    assert "vault" in page(owner).get(URL).content.decode()


def test_other_objects_in_a_change_are_named_to_those_who_may_see_them(
    page, owner, admin, tenant, access
):
    hidden = PersonaFactory(tenant=tenant, name="Hidden voice", is_restricted=True)
    audit.record(access(owner), "persona.created", hidden)
    agent = AgentFactory(tenant=tenant, name="Open agent")
    told = audit.record(access(owner), "agent.updated", agent, {"persona": [None, str(hidden.pk)]})
    url = told.get_absolute_url()

    assert "Hidden voice" in page(owner).get(url).content.decode()
    body = page(admin).get(url).content.decode()
    assert "isn’t shared with you" in body
    assert "Hidden" not in body
    assert str(hidden.pk) not in body


def test_without_the_right_to_see_agents_none_is_named(api, admin, tenant, access, owner):
    agent = AgentFactory(tenant=tenant, name="Open agent")
    audit.record(access(owner), "agent.updated", agent)

    items = api(admin, "view_audit").get("/audit-events").json()["items"]

    assert items[0]["action"] == "agent.updated"
    assert items[0]["object_label"] is None
