"""The agents of a key are chosen out of any number: found by typing, kept when chosen."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tenants.models import ApiKey
from tenants.offering import MOST_OTHERS
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/api-keys/"
NEW = f"{URL}new/"
FILLED = {
    "name": "Half",
    "scopes": ["view_agents", "run_agents"],
    "expires_on": "2099-01-31",
    "networks": "192.0.2.17",
    "rate_limit": "7",
    "rate_seconds": "3600",
}


@pytest.fixture
def many(tenant):
    """More than a page draws, by names that come before all others'."""
    return [AgentFactory(tenant=tenant, name=f"A helper {n:03}") for n in range(MOST_OTHERS + 5)]


@pytest.fixture
def key(tenant, editor):
    return ApiKeyFactory(tenant=tenant, user=editor, name="Nightly", scopes=["run_agents"])


def edit(key):
    return f"{URL}{key.pk}/edit/"


def drawn(response):
    """The ids of the boxes, and of those that are ticked, as they stand."""
    boxes = re.findall(r'<input type="checkbox" name="agents" value="([^"]+)"[^>]*?( checked)?>',
                       response.content.decode())  # fmt: skip
    return [pk for pk, _ in boxes], [pk for pk, is_ticked in boxes if is_ticked]


def find(client, at, **sent):
    return client.post(f"{at}find/", sent, headers={"HX-Request": "true"})


def ids(*agents):
    return [str(agent.pk) for agent in agents]


def test_of_many_the_keys_are_drawn_and_the_first_others(page, tenant, editor, key, many):
    own = AgentFactory(tenant=tenant, name="Zebra")
    ApiKey.unscoped.update(agent_ids=[own.pk])

    response = page(editor).get(edit(key))

    assert drawn(response) == (ids(own, *many[:MOST_OTHERS]), ids(own))
    assert 'name="find_agents"' in response.content.decode()


def test_what_is_typed_finds_and_keeps_the_chosen(page, tenant, editor, many):
    by_name = AgentFactory(tenant=tenant, name="Look up a Charge")
    described = AgentFactory(tenant=tenant, name="Zebra", description="Refunds a charge.")

    response = find(page(editor), NEW, find_agents=" charge ", agents=ids(many[3]))

    assert drawn(response) == (ids(many[3], by_name, described), ids(many[3]))
    assert "<html" not in response.content.decode()


def test_what_was_found_is_saved(page, tenant, editor, key, many):
    found = AgentFactory(tenant=tenant, name="Zoom")

    page(editor).post(edit(key), FILLED | {"agents": ids(found), "version": key.version})

    key.refresh_from_db()
    assert key.agent_ids == [found.pk]


def test_finding_changes_nothing(page, editor, key, many):
    find(page(editor), edit(key), **FILLED, agents=ids(many[0]))
    find(page(editor), NEW, **FILLED)

    assert [(made.name, made.version) for made in ApiKey.unscoped.all()] == [("Nightly", 1)]


@pytest.mark.parametrize("is_new", [True, False], ids=["new", "edit"])
def test_without_scripts_the_page_comes_back_as_it_was_filled_in(
    page, tenant, editor, key, many, is_new
):
    found, chosen, at = AgentFactory(tenant=tenant, name="Zoom"), many[3], NEW
    if not is_new:
        at = edit(key)

    response = page(editor).post(
        f"{at}find/", FILLED | {"agents": ids(chosen), "find_agents": "zoom"}
    )

    body = response.content.decode()
    assert response.status_code == 200
    assert drawn(response) == (ids(chosen, found), ids(chosen))
    assert {name: response.context["form"][name].value() for name in FILLED} == FILLED
    for name in ("view_agents", "run_agents"):
        assert re.search(rf'value="{name}"[^>]* checked', body)
    assert 'class="summary"' not in body
    assert f'action="{at}"' in body
    assert re.search(rf'<noscript><button[^>]*formaction="{at}find/"', body)


def test_what_somebody_may_not_see_is_not_found_by_them(
    page, tenant, other_tenant, editor, key, many
):
    hidden = AgentFactory(tenant=tenant, name="Secret lever", is_restricted=True)
    foreign = AgentFactory(tenant=other_tenant, name="Secret foreign lever")

    for at in (NEW, edit(key)):
        for sent in ({"find_agents": "secret"}, {"agents": [*ids(hidden, foreign), "nonsense"]}):
            response = find(page(editor), at, **sent)

            assert " lever" not in response.content.decode()
            assert set(ids(hidden, foreign)).isdisjoint(drawn(response)[0])


def test_nobody_finds_in_the_form_of_a_key_of_others(page, admin, viewer, stranger, key):
    assert find(page(admin), edit(key)).status_code == 403
    assert find(page(viewer), edit(key)).status_code == 404
    assert find(page(stranger), edit(key)).status_code == 404
    assert find(page(stranger), NEW).status_code == 404


def test_many_cost_what_a_few_do(page, tenant, editor, key):
    client = page(editor)

    def costs():
        with CaptureQueriesContext(connection) as caught:
            size = len(client.get(edit(key)).content)
        return len(caught), size

    first = AgentFactory(tenant=tenant)
    ApiKey.unscoped.update(agent_ids=[first.pk])
    client.get(edit(key))  # fills caches
    few, _ = costs()
    agents = [AgentFactory(tenant=tenant) for _ in range(60)]
    ApiKey.unscoped.update(agent_ids=[agent.pk for agent in agents[:40]])

    queries, size = costs()

    assert queries == few
    assert size < 120_000
