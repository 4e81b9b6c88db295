"""Every route × method × person × object: nothing of another organisation, nothing withheld.

How everybody is answered about an ordinary object of their own organisation is in
test_role_matrix.py; here it is about those that they must not reach.
"""

import pytest

from tenants.pages import PageRule
from tests.architecture import access_table, routes
from tests.architecture.asking import fingerprint
from tests.architecture.expectation import expected
from tests.architecture.payloads import may_point, query_with, related
from tests.architecture.routes import OUTSIDE, UnknownKeyword, url_patterns
from tests.architecture.world import EVERYBODY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

TARGETS = ("restricted", "foreign", "random")


def each(chosen):
    return pytest.mark.parametrize("route", chosen, ids=lambda route: route.id)


# Of the routes with the same address the first.
_addresses = {route.template: route for route in reversed(routes.routes())}
each_address = each(list(_addresses.values()))
about_objects = each([route for route in routes.routes() if route.objects])
with_body = each([route for route in routes.routes() if may_point(route)])
with_query = each([route for route in routes.routes() if routes.query_ids(route)])


@pytest.fixture(scope="module")
def needs():
    return {name: row.needs for name, row in access_table.written().items()}


def cases(route, world):
    """(keyword, which): one of the path's objects at a time is not one's own."""
    return [
        (keyword, which)
        for keyword, model in route.objects.items()
        for which in TARGETS
        if world.has(model, which) and (keyword != "number" or which == "random")
    ]


def is_their_own(route, who, which):
    """What is foreign here is at home there: the API knows no address of an organisation."""
    return not route.is_page and who == "stranger" and which == "foreign"


def test_every_address_is_swept_or_has_a_reason():
    unruled = {name for name, _, view in url_patterns() if not hasattr(view, "rule")}
    unknown = unruled - {route.name for route in routes.operations()}

    assert not unknown - set(OUTSIDE), "Decorate them with @tenant_page or @object_page"
    assert not set(OUTSIDE) - unknown, "These are no more"


def test_every_operation_has_an_address(world):
    addresses = {name for name, _, _ in url_patterns()}

    assert {route.name for route in routes.operations()} <= addresses


@about_objects
def test_nobody_reaches_what_is_foreign_withheld_or_not_there(
    route, world, asker, needs, untouched
):
    wrong, owners = [], {}
    has_related = bool(related(route, world))
    for keyword, which in cases(route, world):
        targets = {keyword: which}
        for who in EVERYBODY:
            if is_their_own(route, who, which):
                continue
            should = expected(route, who, needs[route.id], targets, has_related=has_related)
            answer = asker.expect(should, route, who, targets)
            if answer.word != should:
                wrong.append(f"{who}, {which} {keyword}: {answer.word} instead of {should}")
            if who == "owner":
                owners[keyword, which] = answer

    assert not wrong, f"{route.id} ({route.template})\n" + "\n".join(wrong)
    assert fingerprint() == untouched
    for keyword in {keyword for keyword, which in owners if which == "foreign"}:
        told = owners[keyword, "foreign"].told
        assert told == owners[keyword, "random"].told, "It tells that there is such a row elsewhere"


@with_body
def test_a_body_can_not_point_at_what_its_sender_may_not_see(route, world, asker, untouched):
    """Related ids one at a time: foreign, unknown, and withheld from all but the owner."""
    wrong = []
    for model in related(route, world):
        for who, which in [("owner", "foreign"), ("owner", "random"), ("admin", "restricted")]:
            if not world.has(model, which):
                continue
            answer = asker.send(route, who, swapped=model, which=which)
            if answer.status not in (404, 422):
                wrong.append(f"{which} {model.__name__} by {who}: {answer.error or answer.status}")

    assert not wrong, f"{route.id}: {wrong}"
    assert fingerprint() == untouched


@with_query
def test_a_filter_can_not_ask_about_what_its_sender_may_not_see(route, world, asker):
    for name, model in routes.query_ids(route).items():
        own = query_with(route, world, name, model, "own")
        assert asker.ask(route, "owner", query=own).word == "yes", f"owner: {own}"
        for who, which in [("owner", "foreign"), ("owner", "random"), ("admin", "restricted")]:
            if not world.has(model, which):
                continue
            query = query_with(route, world, name, model, which)

            assert asker.ask(route, who, query=query).status in (404, 422), f"{who}: {query}"


@each_address
def test_methods_that_it_does_not_know_are_a_405(route, world, asker):
    for method in routes.other_methods(route):
        answer = asker.ask(route, "owner", method=method)

        assert answer.status == 405, f"{method} {route.template}"
        known = {other.method for other in routes.routes() if other.template == route.template}
        assert known <= set(answer.allow.replace(" ", "").split(","))


def test_the_sweep_fails_where_it_can_not_make_an_object():
    with pytest.raises(UnknownKeyword, match="what is <widget>"):
        routes._objects("new:page", ["tenant", "widget"], PageRule(("GET",)))


def test_the_sweep_is_wide(world):
    probes = sum(len(cases(route, world)) * len(EVERYBODY) for route in routes.routes())

    assert probes > 1_000
