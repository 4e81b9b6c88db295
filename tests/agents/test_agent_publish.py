"""Publishing, and the versions that come of it."""

import pytest

from agents import services, specs
from agents.models import AgentVersion
from agents.models.version import VersionIsImmutable
from agents.publishing import Incomplete, problems
from tests.factories.agents import AgentFactory, AgentSourceFactory, AgentToolFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tools import BuiltinToolFactory


def url(agent):
    return f"/t/acme/agents/{agent.pk}/publish/"


def test_publishing_keeps_the_whole_configuration(page, tenant, editor):
    agent = AgentToolFactory(tenant=tenant, agent__persona_values={"company": "Globex"}).agent

    response = page(editor).post(url(agent), {"note": "First"})

    assert response["Location"] == f"/t/acme/agents/{agent.pk}/"
    agent.refresh_from_db()
    spec = specs.published_spec(agent)
    assert (spec.version, spec.agent_name) == (1, agent.name)
    assert spec.persona.instructions == agent.persona.instructions
    assert spec.persona_values == {"company": "Globex"}
    assert [tool.slug for tool in spec.tools] == [agent.tool_links.get().tool.slug]
    assert (agent.published_version.note, agent.published_version.published_by) == ("First", editor)
    assert agent.status == "live"


def test_publishing_twice_is_harmless(access, tenant, editor):
    agent = AgentFactory(tenant=tenant)

    first = services.publish_agent(access(editor), agent)
    second = services.publish_agent(access(editor), agent)

    assert first == second
    assert agent.versions.count() == 1


def test_a_save_that_changes_nothing_is_settled_by_publishing(access, tenant, editor):
    agent = AgentFactory(tenant=tenant, published=True)
    agent.persona.save()

    services.publish_agent(access(editor), agent)

    agent = type(agent).unscoped.get()
    assert (agent.status, agent.versions.count()) == ("live", 1)


def test_later_edits_do_not_reach_what_is_published(access, tenant, editor):
    agent = AgentFactory(tenant=tenant)
    services.publish_agent(access(editor), agent)
    agent.persona.instructions = "Be rude."
    agent.persona.save()

    agent.refresh_from_db()

    assert specs.published_spec(agent).persona.instructions != "Be rude."
    assert specs.draft_spec(agent).persona.instructions == "Be rude."


def test_a_change_becomes_the_next_version(access, tenant, editor):
    agent = AgentFactory(tenant=tenant, published=True)
    services.update_agent(access(editor), agent, description="Other")

    version = services.publish_agent(access(editor), agent)

    assert version.number == 2


def test_a_draft_that_lacks_something_is_not_published(page, tenant, editor):
    needed = [{"name": "city", "description": "", "default": "", "required": True}]
    agent = AgentFactory(tenant=tenant, persona__variables=needed)

    response = page(editor).post(url(agent), {})

    assert response.status_code == 422
    assert "needs a value for “city”" in response.content.decode()
    assert not AgentVersion.unscoped.exists()


def test_knowledge_search_needs_a_source(access, tenant, editor):
    tool = BuiltinToolFactory(tenant=tenant, name="Search", builtin="knowledge_search")
    agent = AgentToolFactory(tenant=tenant, tool=tool).agent

    with pytest.raises(Incomplete, match="“Search” has nothing to search"):
        services.publish_agent(access(editor), agent)

    AgentSourceFactory(tenant=tenant, agent=agent)
    assert services.publish_agent(access(editor), agent)


def test_a_route_without_a_model_and_twins_among_tools_are_told():
    spec = specs.AgentSpec(agent_id="0198f2a0-6f0e-7c3a-9d0e-3f1f5b1c7a10", agent_name="A")
    tool = {"tool_id": spec.agent_id, "version": 1, "name": "T", "description": "", "slug": "twin"}
    twins = [tool | {"kind": "http", "parameters": {}}] * 2
    broken = spec.model_dump() | {"routes": [{"model": ""}], "tools": twins}

    found = problems(specs.AgentSpec.model_validate(broken))

    assert found[0] == "Name the model that answers."
    assert "2 of its tools are called “twin”" in found[1]


HIDDEN = ("Quiet voice", "passphrase", "Secret finder", "secret_finder")


@pytest.fixture
def closed(tenant):
    """An agent that lacks two things, one about a persona and one about a tool that are shared with
    nobody."""
    needed = [{"name": "passphrase", "description": "", "default": "", "required": True}]
    hidden = {"tenant": tenant, "is_restricted": True}
    persona = PersonaFactory(**hidden, name="Quiet voice", variables=needed)
    named = {"name": "Secret finder", "slug": "secret_finder", "builtin": "knowledge_search"}
    tool = BuiltinToolFactory(**hidden, **named)
    return AgentToolFactory(tenant=tenant, agent__persona=persona, tool=tool).agent


def test_what_a_draft_lacks_names_nothing_that_is_not_shared(page, api, editor, viewer, closed):
    shown = [
        page(viewer).get(f"/t/acme/agents/{closed.pk}/"),
        page(editor).get(url(closed)),
        page(editor).post(url(closed), {}),
        page(editor).post("/t/acme/bulk/agents/publish/", {"ids": str(closed.pk)}, follow=True),
    ]
    answered = api(editor).post(f"/agents/{closed.pk}/publish").json()

    for body in (*(page.content.decode() for page in shown), str(answered)):
        assert "The persona, which isn’t shared with you, needs values" in body
        assert "A tool that isn’t shared with you has nothing to search" in body
        assert not [name for name in HIDDEN if name in body]


def test_who_may_see_all_of_it_is_told_by_name(api, owner, closed):
    answer = api(owner).post(f"/agents/{closed.pk}/publish").json()

    persona, tool = (error["detail"] for error in answer["errors"])
    assert persona == "The persona “Quiet voice” needs a value for “passphrase”."
    assert tool.startswith("The tool “Secret finder” has nothing to search")


def test_twins_that_are_not_shared_are_not_named():
    spec = specs.AgentSpec(agent_id="0198f2a0-6f0e-7c3a-9d0e-3f1f5b1c7a10", agent_name="A")
    tool = {"tool_id": spec.agent_id, "version": 1, "name": "T", "description": "", "slug": "twin"}
    twins = spec.model_dump() | {"tools": [tool | {"kind": "http", "parameters": {}}] * 2}

    found = problems(specs.AgentSpec.model_validate(twins), spec)

    assert found == ["2 of its tools are called the same; the model could not tell them apart."]


def test_a_published_version_never_changes(tenant):
    version = AgentFactory(tenant=tenant, published=True).published_version

    version.note = "Rewritten"

    with pytest.raises(VersionIsImmutable):
        version.save()


def test_an_agent_without_a_version_has_no_published_spec(tenant):
    with pytest.raises(specs.NotPublished):
        specs.published_spec(AgentFactory(tenant=tenant))


def test_the_page_shows_what_publishing_would_change(page, tenant, editor):
    agent = AgentFactory(tenant=tenant, published=True)
    agent.persona.tone = "icy"
    agent.persona.save()

    body = page(editor).get(url(agent)).content.decode()

    assert "Publish 1 change" in body
    assert "<ins>icy</ins>" in body


def test_without_a_change_the_page_says_so(page, tenant, editor):
    agent = AgentFactory(tenant=tenant, published=True)

    assert "Nothing to publish" in page(editor).get(url(agent)).content.decode()


def test_contributors_may_not_publish(page, tenant, contributor):
    agent = AgentFactory(tenant=tenant)

    assert page(contributor).post(url(agent)).status_code == 403
