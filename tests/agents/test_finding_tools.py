"""An agent's tools and sources are chosen out of any number: found by typing, kept when chosen."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from agents.models import Agent
from tenants.offering import MOST_OTHERS
from tests.agents.test_agent_create import FILLED
from tests.agents.test_agent_edit import as_it_is, url
from tests.factories.agents import AgentFactory, AgentSourceFactory, AgentToolFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.tools import ToolFactory

pytestmark = pytest.mark.django_db
NEW = "/t/acme/agents/new/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def many(tenant):
    """More of both than a page draws, by names that come before all others'."""
    tools = [ToolFactory(tenant=tenant, name=f"A tool {n:03}") for n in range(MOST_OTHERS + 5)]
    sources = [
        SourceFactory(tenant=tenant, name=f"A source {n:03}") for n in range(MOST_OTHERS + 5)
    ]
    return tools, sources


def drawn(response, name):
    """The ids of the boxes of a field, and of those that are ticked, as they stand."""
    boxes = re.findall(rf'<input type="checkbox" name="{name}" value="([^"]+)"[^>]*?( checked)?>',
                       response.content.decode())  # fmt: skip
    return [pk for pk, _ in boxes], [pk for pk, is_ticked in boxes if is_ticked]


def find(client, at, **sent):
    return client.post(f"{at}find/", sent, headers=HTMX)


def test_few_are_all_drawn_and_need_no_search(page, tenant, editor):
    tools = [ToolFactory(tenant=tenant) for _ in range(MOST_OTHERS)]

    response = page(editor).get(NEW)

    assert sorted(drawn(response, "tools")[0]) == sorted(str(tool.pk) for tool in tools)
    assert "data-find" not in response.content.decode()


def test_of_many_the_chosen_are_drawn_and_the_first_others(page, tenant, editor, many):
    agent = AgentFactory(tenant=tenant)
    tool = AgentToolFactory(tenant=tenant, agent=agent, tool__name="Zebra").tool
    source = AgentSourceFactory(tenant=tenant, agent=agent, source__name="Zoo").source

    response = page(editor).get(url(agent))

    for name, row, others in (("tools", tool, many[0]), ("sources", source, many[1])):
        shown, ticked = drawn(response, name)
        assert ticked == [str(row.pk)]
        assert shown == [str(row.pk), *(str(other.pk) for other in others[:MOST_OTHERS])]
        assert f'name="find_{name}"' in response.content.decode()


def test_what_is_typed_finds_by_name_and_description_and_keeps_the_chosen(
    page, tenant, editor, many
):
    by_name = ToolFactory(tenant=tenant, name="Look up a Charge")
    described = ToolFactory(tenant=tenant, name="Zebra", description="Refunds a charge.")
    chosen = many[0][3]

    response = find(page(editor), NEW, find_tools=" charge ", tools=[chosen.pk])

    shown, ticked = drawn(response, "tools")
    assert shown == [str(row.pk) for row in (chosen, by_name, described)]
    assert ticked == [str(chosen.pk)]
    assert "2 others with “charge”" in response.content.decode()
    assert "<html" not in response.content.decode()


@pytest.mark.parametrize("words", ["%", "_", "\x00nothing", "“”", "x" * 5_000])
def test_what_is_typed_is_words_and_no_pattern(page, editor, many, words):
    response = find(page(editor), NEW, find_tools=words)

    assert response.status_code == 200
    assert drawn(response, "tools") == ([], [])


def test_what_somebody_may_not_see_is_not_found_by_them(page, tenant, other_tenant, editor, many):
    hidden = ToolFactory(tenant=tenant, name="Secret lever", is_restricted=True)
    foreign = ToolFactory(tenant=other_tenant, name="Secret foreign lever")

    for at in (NEW, url(AgentFactory(tenant=tenant))):
        for sent in ({"find_tools": "secret"}, {"tools": [hidden.pk, foreign.pk, "nonsense"]}):
            response = find(page(editor), at, **sent)

            assert " lever" not in response.content.decode()
            assert {str(hidden.pk), str(foreign.pk)}.isdisjoint(drawn(response, "tools")[0])


def test_what_was_found_is_saved_and_what_is_not_seen_stays(page, tenant, editor, many):
    agent = AgentFactory(tenant=tenant)
    hidden = AgentToolFactory(tenant=tenant, agent=agent, tool__is_restricted=True).tool
    gone = AgentToolFactory(tenant=tenant, agent=agent, tool__name="Zebra").tool
    found = ToolFactory(tenant=tenant, name="Zoom")
    assert str(hidden.pk) not in page(editor).get(url(agent)).content.decode()

    response = page(editor).post(url(agent), as_it_is(agent, tools=[found.pk]))

    assert response.status_code == 302
    assert {link.tool for link in agent.tool_links.all()} == {hidden, found}
    assert gone not in {link.tool for link in agent.tool_links.all()}


def test_finding_changes_nothing(page, tenant, editor, many):
    agent = AgentFactory(tenant=tenant, description="As it was")

    find(page(editor), url(agent), **as_it_is(agent, description="New", tools=[many[0][0].pk]))

    agent.refresh_from_db()
    assert (agent.description, agent.version) == ("As it was", 1)
    assert not agent.tool_links.exists()


# ── Without scripts ───────────────────────────────────────────────────────────────────────────


def test_without_scripts_the_page_comes_back_as_it_was_filled_in(page, tenant, editor, many):
    found, chosen = ToolFactory(tenant=tenant, name="Zoom"), many[0][3]
    filled = FILLED | {"name": "Half", "description": "Not done", "max_steps": "7"}

    response = page(editor).post(
        f"{NEW}find/", filled | {"tools": [chosen.pk], "find_tools": "zoom"}
    )

    body = response.content.decode()
    assert response.status_code == 200
    assert 'value="Half"' in body
    assert "Not done</textarea>" in body
    assert drawn(response, "tools") == ([str(chosen.pk), str(found.pk)], [str(chosen.pk)])
    assert 'class="summary"' not in body
    assert f'action="{NEW}"' in body
    assert re.search(rf'<noscript><button[^>]*formaction="{NEW}find/"', body)


def test_a_form_that_was_drawn_again_still_meets_what_was_saved_meanwhile(page, tenant, editor):
    agent, client = AgentFactory(tenant=tenant, description="First"), page(editor)
    mine = as_it_is(agent, description="Mine") | {"base": '{"description": ["First"]}'}
    Agent.unscoped.filter(pk=agent.pk).update(description="Theirs", version=2)

    again = client.post(f"{url(agent)}find/", mine | {"find_tools": "x"}).context["form"]
    refused = client.post(url(agent), mine | {"version": again["version"].value()})

    assert again["version"].value() == "1"
    assert "First" in again["version"].field.widget.base()
    assert refused.status_code == 422


def test_a_merge_names_tools_that_are_not_among_the_first(page, tenant, editor, many):
    agent = AgentFactory(tenant=tenant)
    mine = as_it_is(agent, tools=[ToolFactory(tenant=tenant, name="Zoom").pk])
    AgentToolFactory(tenant=tenant, agent=agent, tool__name="Zebra")
    Agent.unscoped.filter(pk=agent.pk).update(version=2)

    response = page(editor).post(url(agent), mine)

    [part] = response.context["form"].merge.parts
    assert (part.theirs, part.mine) == ("Zebra", "Zoom")


# ── Who, and at what cost ─────────────────────────────────────────────────────────────────────


def test_who_may_not_change_agents_finds_nothing(page, tenant, other_tenant, viewer, editor):
    agent, foreign = AgentFactory(tenant=tenant), AgentFactory(tenant=other_tenant)

    assert find(page(viewer), NEW).status_code == 403
    assert find(page(viewer), url(agent)).status_code == 403
    assert find(page(editor), url(foreign)).status_code == 404
    assert page(editor).get(f"{NEW}find/").status_code == 405


def costs(ask):
    with CaptureQueriesContext(connection) as caught:
        size = len(ask().content)
    return len(caught), size


def test_hundreds_cost_what_a_few_do(page, tenant, editor, many):
    agent, client = AgentFactory(tenant=tenant), page(editor)
    AgentToolFactory(tenant=tenant, agent=agent)
    AgentSourceFactory(tenant=tenant, agent=agent)
    asks = (
        lambda: client.get(NEW),
        lambda: client.get(url(agent)),
        lambda: find(client, url(agent), find_tools="tool", find_sources="source"),
    )
    few = [(ask(), costs(ask))[1] for ask in asks]  # the first request fills caches

    for number in range(150):
        tool = ToolFactory(tenant=tenant, name=f"Tool {number}")
        source = SourceFactory(tenant=tenant, name=f"Source {number}")
        if number < 40:
            AgentToolFactory(tenant=tenant, agent=agent, tool=tool)
            AgentSourceFactory(tenant=tenant, agent=agent, source=source)
    many = [costs(ask) for ask in asks]

    assert [queries for queries, _ in many] == [queries for queries, _ in few]
    assert max(size for _, size in many) < 120_000
