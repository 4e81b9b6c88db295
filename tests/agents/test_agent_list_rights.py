"""The list costs the same few queries, whatever a person's rights on single agents are."""

import pytest
from django.contrib.auth.models import Permission

from agents.models import Agent, AgentUserGrant
from tenants import services
from tests.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db

MANY = 200


@pytest.fixture
def agents(tenant):
    return Agent.unscoped.bulk_create(
        Agent(tenant=tenant, name=f"Agent {n}", slug=f"agent-{n}", is_restricted=n % 2 == 0)
        for n in range(MANY + 50)
    )


@pytest.fixture
def outsider(tenant, access, owner):
    """A member whose role holds nothing."""
    user = UserFactory()
    role = services.create_role(access(owner), label="Nothing", capabilities=())
    services.add_member(tenant, user, role=role.slug)
    return user


def enter(codename, user, agents):
    permission = Permission.objects.get(content_type__app_label="agents", codename=codename)
    AgentUserGrant.objects.bulk_create(
        AgentUserGrant(permission=permission, user=user, content_object=agent) for agent in agents
    )


def queries_of(read, django_assert_max_num_queries):
    read()  # fills caches
    # Eight as on every page; more rows than a page holds are counted, which is a ninth.
    with django_assert_max_num_queries(9) as caught:
        assert read().status_code == 200
    return len(caught)


def test_two_hundred_grants_cost_no_more_queries_than_one(
    page, outsider, agents, access, django_assert_max_num_queries
):
    client = page(outsider)
    enter("view_agent", outsider, agents[:1])
    one = queries_of(lambda: client.get("/t/acme/agents/"), django_assert_max_num_queries)

    enter("view_agent", outsider, agents[1:MANY])

    assert access(outsider).visible(Agent).count() == MANY
    # One more than for a page that holds all: how many there are is counted.
    many = queries_of(lambda: client.get("/t/acme/agents/"), django_assert_max_num_queries)
    assert many == one + 1


def test_two_hundred_denials_cost_no_more_queries_than_none(
    page, viewer, agents, access, django_assert_max_num_queries
):
    client = page(viewer)
    none = queries_of(lambda: client.get("/t/acme/agents/"), django_assert_max_num_queries)

    enter("deny_view_agent", viewer, agents[:MANY:2] + agents[1:MANY:4])

    assert access(viewer).visible(Agent).count() == 75
    assert queries_of(lambda: client.get("/t/acme/agents/"), django_assert_max_num_queries) == none


def test_the_api_lists_at_the_same_cost(api, outsider, agents, django_assert_max_num_queries):
    client = api(outsider, "view_agents")
    enter("view_agent", outsider, agents[:1])
    one = queries_of(lambda: client.get("/agents"), django_assert_max_num_queries)

    enter("view_agent", outsider, agents[1:MANY])

    assert len(client.get("/agents", {"limit": 200}).json()["items"]) == MANY
    assert queries_of(lambda: client.get("/agents"), django_assert_max_num_queries) == one
