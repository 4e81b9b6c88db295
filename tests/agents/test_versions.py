"""The pages of published versions, and what they tell of a difference."""

import pytest

from agents import comparison, services, specs
from personas import services as personas
from tests.factories.agents import AgentFactory, AgentSourceFactory, AgentToolFactory, publish
from tests.factories.tenants import ProviderFactory


def url(agent, number=None):
    return f"/t/acme/agents/{agent.pk}/versions/" + (f"{number}/" if number else "")


def test_the_list_has_the_newest_first_and_marks_the_current(page, tenant, viewer, editor, access):
    agent = AgentFactory(tenant=tenant)
    services.publish_agent(access(editor), agent, "First words")
    services.update_agent(access(editor), agent, description="Other")
    services.publish_agent(access(editor), agent, "Second words")

    response = page(viewer).get(url(agent))

    assert [version.number for version in response.context["page"].rows] == [2, 1]
    body = response.content.decode()
    assert "Second words" in body
    assert body.count("Current") == 1


def test_an_agent_never_published_has_none(page, tenant, viewer):
    agent = AgentFactory(tenant=tenant)

    assert "Nothing published yet" in page(viewer).get(url(agent)).content.decode()


def test_a_version_shows_what_changed_since_the_one_before(page, tenant, viewer):
    agent = AgentFactory(tenant=tenant, persona__instructions="Line one\nLine two")
    publish(agent)
    agent.persona.instructions = "Line one\nLine 2"
    agent.persona.save()
    publish(agent)

    body = page(viewer).get(url(agent, 2)).content.decode()

    assert "<span>Line one</span><del>Line two</del><ins>Line 2</ins>" in body


def test_a_tool_that_stayed_as_it_was_is_no_change(access, tenant, editor):
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    agent = AgentToolFactory(tenant=tenant, tool__parameters=schema).agent
    publish(agent)
    services.update_agent(access(editor), agent, description="Other")
    agent.refresh_from_db()

    found = comparison.with_published(access(editor), agent, specs.draft_spec(agent))

    assert [difference.label for difference in found] == ["Description"]


def test_the_first_version_shows_the_whole_configuration(page, tenant, viewer):
    agent = AgentSourceFactory(tenant=tenant, source__name="Refund policy").agent
    publish(agent)

    body = page(viewer).get(url(agent, 1)).content.decode()

    assert "Refund policy" in body
    assert "What changed" not in body


def test_an_unknown_version_is_not_there(page, tenant, viewer):
    agent = AgentFactory(tenant=tenant, published=True)

    assert page(viewer).get(url(agent, 7)).status_code == 404
    assert page(viewer).get(url(agent, 99_999_999_999)).status_code == 404


def test_tools_that_are_not_shared_stay_out_of_the_versions(page, tenant, viewer, owner):
    agent = AgentToolFactory(tenant=tenant, tool__slug="hush_hush", tool__is_restricted=True).agent
    publish(agent)

    assert "hush_hush" not in page(viewer).get(url(agent, 1)).content.decode()
    assert "hush_hush" in page(owner).get(url(agent, 1)).content.decode()


@pytest.mark.parametrize("is_restricted", [True, False])
def test_what_was_restricted_stays_out_of_the_versions_when_it_is_deleted(
    page, api, access, tenant, viewer, owner, is_restricted
):
    agent = AgentFactory(tenant=tenant, persona__is_restricted=is_restricted)
    publish(agent)
    personas.delete_persona(access(owner), agent.persona, force=True)

    def is_told(person):
        asked = api(person).get(f"/agents/{agent.pk}/versions/1").json()["spec"]["persona"]
        text = agent.persona.instructions
        shown = text in page(person).get(url(agent, 1)).content.decode()
        assert shown == bool(asked)
        return shown

    assert is_told(viewer) != is_restricted
    assert is_told(owner)


def test_who_may_see_no_persona_is_told_of_none_that_is_no_more(api, access, tenant, owner):
    agent = AgentFactory(tenant=tenant)
    publish(agent)
    personas.delete_persona(access(owner), agent.persona, force=True)

    version = api(owner, "view_agents").get(f"/agents/{agent.pk}/versions/1").json()

    assert version["spec"]["persona"] is None


def test_a_deleted_source_and_provider_are_told_as_gone(access, tenant, viewer):
    provider = ProviderFactory(tenant=tenant)
    agent = AgentSourceFactory(tenant=tenant, agent__provider=provider).agent
    version = publish(agent)
    agent.provider = None
    agent.save()
    link = agent.source_links.get()
    link.delete()
    link.source.delete()
    provider.delete()

    told = {fact.label: fact for fact in comparison.told(access(viewer), version)}

    assert "no longer there" in told["Route"].text
    assert any(label.startswith("no longer there") for label in told)


def test_added_removed_and_changed_facts_are_told_apart():
    before = {("A", "kept"): "1", ("A", "changed"): "1", ("B", "removed"): "1"}
    after = {("A", "kept"): "1", ("A", "changed"): "2", ("A", "added"): "1"}

    found = comparison.differences(before, after)

    assert [(each.label, each.kind) for each in found] == [
        ("changed", "changed"),
        ("added", "added"),
        ("removed", "removed"),
    ]


def test_texts_of_one_line_have_no_line_by_line_difference():
    assert comparison.Difference("A", "b", "changed", "x", "y").lines == []


def test_a_spec_survives_storage_and_tells_equal_from_different(tenant):
    draft = specs.draft_spec(AgentToolFactory(tenant=tenant).agent)
    stored = specs.AgentSpec.model_validate(draft.model_dump(mode="json"))

    assert stored == draft
    assert stored.is_same_as(draft.model_copy(update={"version": 9}))
    assert not stored.is_same_as(draft.model_copy(update={"agent_name": "Other"}))
