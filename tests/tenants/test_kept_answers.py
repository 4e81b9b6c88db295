"""A kept answer is told again only to who would get it now."""

import pytest

from knowledge.models import Source
from personas.models import Persona
from tenants import idempotency, services
from tenants.models import ApiKey, Membership, Role
from tests.factories.agents import AgentFactory, AgentSourceFactory, publish
from tests.factories.knowledge import SourceFactory, indexed
from tests.factories.personas import PersonaFactory

pytestmark = pytest.mark.django_db
NAME = {"headers": {"Idempotency-Key": "a-1"}}


def replayed(answer):
    return answer.get("Idempotent-Replayed") == "true"


@pytest.fixture
def deny(access, owner):
    def deny(row, user):
        member = Membership.unscoped.get(user=user)
        services.share(access(owner), row, member, allowed="", denied="view")

    return deny


def test_an_answer_about_what_was_denied_since_is_not_told(api, editor, tenant, deny):
    client, persona = api(editor), PersonaFactory(tenant=tenant)
    path = f"/personas/{persona.pk}/test"
    client.post(path, {}, **NAME)
    assert replayed(client.post(path, {}, **NAME))

    deny(persona, editor)

    assert client.post(path, {}, **NAME).status_code == 404


def test_passages_of_a_source_that_was_denied_since_are_not_told(
    api, access, owner, editor, tenant, deny
):
    client, source = api(editor), SourceFactory(tenant=tenant)
    indexed(access(owner), source, ("refunds.txt", "Refunds take five working days."))
    first = client.post("/knowledge/search", {"query": "refunds"}, **NAME)
    assert first.json()["passages"]

    deny(source, editor)

    assert client.post("/knowledge/search", {"query": "refunds"}, **NAME).status_code == 404


def test_passages_of_a_source_that_was_deleted_since_are_told_as_they_were(
    api, access, owner, editor, tenant
):
    client, source = api(editor), SourceFactory(tenant=tenant)
    indexed(access(owner), source, ("refunds.txt", "Refunds take five working days."))
    first = client.post("/knowledge/search", {"query": "refunds"}, **NAME)

    Source.unscoped.filter(pk=source.pk).delete()

    assert client.post("/knowledge/search", {"query": "refunds"}, **NAME).json() == first.json()


def test_a_version_with_a_persona_that_was_denied_since_is_not_told(api, editor, tenant, deny):
    client = api(editor)
    agent = AgentFactory(tenant=tenant, persona=PersonaFactory(tenant=tenant))
    path = f"/agents/{agent.pk}/publish"
    client.post(path, {}, **NAME)
    assert replayed(client.post(path, {}, **NAME))

    deny(Persona.unscoped.get(), editor)

    assert client.post(path, {}, **NAME).status_code == 404


def test_a_source_that_an_agent_was_made_with_may_have_been_denied_since(api, editor, tenant, deny):
    client, source = api(editor), SourceFactory(tenant=tenant)
    body = {"name": "Clerk", "source_ids": [str(source.pk)]}
    client.post("/agents", body, **NAME)
    assert replayed(client.post("/agents", body, **NAME))

    deny(source, editor)

    assert client.post("/agents", body, **NAME).status_code == 404


@pytest.mark.parametrize(
    "narrower",
    [{"scopes": ["manage_keys"]}, {"networks": ["127.0.0.0/8"]}, {"rate_limit": 5}],
    ids=lambda change: next(iter(change)),
)
def test_the_secret_of_a_key_is_not_told_to_one_that_is_weaker_by_now(api, admin, narrower):
    client, wanted = api(admin), {"name": "Import", "scopes": ["run_agents"]}
    assert "key" in client.post("/api-keys", wanted, **NAME).json()
    assert replayed(client.post("/api-keys", wanted, **NAME))

    ApiKey.unscoped.filter(made_with=None).update(**narrower)

    assert client.post("/api-keys", wanted, **NAME).status_code == 403


def test_an_agent_that_a_key_was_made_for_may_have_been_denied_since(api, admin, tenant, deny):
    client, agent = api(admin), AgentFactory(tenant=tenant)
    wanted = {"name": "Import", "scopes": ["run_agents"], "agent_ids": [str(agent.pk)]}
    client.post("/api-keys", wanted, **NAME)
    assert replayed(client.post("/api-keys", wanted, **NAME))

    deny(agent, admin)

    assert client.post("/api-keys", wanted, **NAME).status_code == 404


def test_rights_that_end_while_a_twin_waits_are_ended(api, editor, monkeypatch):
    client, body, really = api(editor), {"name": "Handbook"}, idempotency._lock
    client.post("/knowledge", body, **NAME)

    def wait(number):
        really(number)
        Membership.unscoped.filter(user=editor).update(is_suspended=True)

    monkeypatch.setattr(idempotency, "_lock", wait)

    assert client.post("/knowledge", body, **NAME).status_code == 404


def test_what_was_refused_is_asked_anew(api, viewer, tenant):
    client, body = (
        api(viewer, "view_personas", "change_personas"),
        {"name": "x", "instructions": "y"},
    )
    assert client.post("/personas", body, **NAME).status_code == 403

    editors = Role.unscoped.get(tenant=tenant, slug="editor")
    Membership.unscoped.filter(user=viewer).update(role=editors)
    made = [client.post("/personas", body, **NAME).status_code for _ in range(2)]

    assert made == [201, 201]
    assert Persona.unscoped.filter(tenant=tenant).count() == 1


def test_what_an_agent_cited_of_a_source_that_was_denied_since_is_not_told(
    api, access, owner, contributor, tenant, deny
):
    client, source = api(contributor), SourceFactory(tenant=tenant)
    indexed(access(owner), source, ("refunds.txt", "Refunds take five working days."))
    agent = AgentFactory(tenant=tenant)
    AgentSourceFactory(tenant=tenant, agent=agent, source=source)
    publish(agent)
    path, body = f"/agents/{agent.pk}/execute", {"input": "How long do refunds take?"}
    first = client.post(path, body, **NAME)
    assert first.json()["citations"]
    assert replayed(client.post(path, body, **NAME))

    deny(source, contributor)

    assert client.post(path, body, **NAME).status_code == 404
