"""A page costs the same few queries, however many rows there are."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.architecture import allowances
from tests.architecture.crowd import crowd
from tests.architecture.routes import routes

pytestmark = pytest.mark.django_db

# Of every page: the session, the person, what they may do here, and the corner that counts jobs.
PAGE, OPERATION = 8, 5
# What needs more, to the query, and why.
EACH_CHOICE = "a form of many choices: a query for each"
SHARING = "what stands for people and for roles is two tables, and the object has its head"
MORE = {
    "api:list_agent_access GET": (6, SHARING),
    "api:list_persona_access GET": (6, SHARING),
    "api:list_tool_access GET": (6, SHARING),
    "api:list_knowledge_access GET": (6, SHARING),
    "agents:agent-access GET": (11, SHARING),
    "agents:agent-reach GET": (9, SHARING),
    "tenants:agent-explained GET": (11, SHARING),
    "personas:persona-access GET": (12, SHARING),
    "personas:persona-reach GET": (10, SHARING),
    "tenants:persona-explained GET": (11, SHARING),
    "tools:tool-access GET": (12, SHARING),
    "tools:tool-reach GET": (10, SHARING),
    "tenants:tool-explained GET": (11, SHARING),
    "knowledge:source-detail GET": (9, "a source with its figures, its documents and their views"),
    "knowledge:source-access GET": (12, SHARING),
    "knowledge:source-reach GET": (10, SHARING),
    "tenants:source-explained GET": (11, SHARING),
    "tenants:member-reach GET": (9, SHARING),
    "agents:agent-create GET": (9, EACH_CHOICE),
    "agents:agent-edit GET": (15, EACH_CHOICE),
    "tenants:member-edit GET": (10, EACH_CHOICE),
    "home GET": (11, "the overview: a query for each of its six tiles and lists"),
    "agents:agent-detail GET": (10, "the draft beside what is published, and the links of both"),
    "agents:agent-publish GET": (10, "the draft beside what is published, and the links of both"),
    "agents:version-detail GET": (14, "a version beside the one before, and the links of both"),
    "agents:version-list GET": (9, "the agent's head tells whether its draft is ahead"),
}

reading = [route for route in routes() if route.method == "GET"]
each_reading = pytest.mark.parametrize("route", reading, ids=lambda route: route.id)


@pytest.fixture(scope="module")
def asked(world, asker):
    """The statements of each reading route: with two rows, and with twenty."""
    for route in reading:
        asker.send(route, "owner")  # the first request fills caches
    few = {route.id: queries(asker, route) for route in reading}
    crowd(world.home)
    return few, {route.id: queries(asker, route) for route in reading}


def queries(asker, route):
    with CaptureQueriesContext(connection) as caught:
        answer = asker.send(route, "owner")
    assert answer.word == "yes", f"{route.id}: {answer.word}"
    return [query["sql"] for query in caught if "SAVEPOINT" not in query["sql"]]


def told(statements):
    return "".join(f"\n  {statement[:180]}" for statement in statements)


@each_reading
def test_a_request_costs_few_queries(route, asked):
    few, _ = asked
    limit, _ = MORE.get(route.id, (PAGE if route.is_page else OPERATION, ""))

    assert len(few[route.id]) <= limit, told(few[route.id])


def test_nothing_is_allowed_more_than_it_needs(asked):
    few, _ = asked
    usual = {route.id: PAGE if route.is_page else OPERATION for route in reading}
    found = {name: len(sql) for name, sql in few.items() if len(sql) > usual[name]}

    allowances.check("Queries:", found, {name: reason for name, (_, reason) in MORE.items()})
    assert found == {name: number for name, (number, _) in MORE.items()}


@each_reading
def test_more_rows_do_not_mean_more_queries(route, asked):
    few, many = asked

    assert len(many[route.id]) <= len(few[route.id]), told(many[route.id])
