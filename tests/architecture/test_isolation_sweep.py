"""Every route × method × person × object: nothing of another organisation, nothing withheld.

How everybody is answered about an ordinary object of their own organisation is in
test_role_matrix.py; here it is about those that they must not reach.
"""

import pytest

from tenants.pages import PageRule
from tests.architecture import access_table, routes
from tests.architecture.asking import Asker, fingerprint
from tests.architecture.expectation import expected
from tests.architecture.payloads import query_with, related
from tests.architecture.routes import OUTSIDE, UnknownKeyword, url_patterns
from tests.architecture.world import EVERYBODY, FOREIGN, RESTRICTED, ROLES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

TARGETS = ("restricted", "foreign", "random")
each_route = pytest.mark.parametrize("route", routes.routes(), ids=lambda route: route.id)


@pytest.fixture(scope="module")
def asker(world):
    return Asker(world)


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


@each_route
def test_nobody_reaches_what_is_foreign_withheld_or_not_there(route, world, asker, needs):
    before, wrong = fingerprint(), []
    has_related = bool(related(route, world))
    for keyword, which in cases(route, world):
        for who in EVERYBODY:
            if is_their_own(route, who, which):
                continue
            targets = {keyword: which}
            word = asker.ask(route, who, targets).word
            should = expected(route, who, needs[route.id], targets, has_related=has_related)
            if word != should:
                wrong.append(f"{who}, {which} {keyword}: {word} instead of {should}")

    assert not wrong, f"{route.id} ({route.template})\n" + "\n".join(wrong)
    assert fingerprint() == before


@each_route
def test_what_is_foreign_looks_like_what_is_not_there(route, world, asker):
    for keyword in {keyword for keyword, which in cases(route, world) if which == "foreign"}:
        foreign = asker.ask(route, "owner", {keyword: "foreign"})
        unknown = asker.ask(route, "owner", {keyword: "random"})

        assert foreign.without_request_id == unknown.without_request_id
        assert (foreign.status, foreign.allow) == (unknown.status, unknown.allow)


@each_route
def test_a_refused_request_changes_nothing(route, world, asker, needs):
    """Asked again one by one and without undoing, with all that a valid request would carry."""
    if not route.is_unsafe:
        pytest.skip("GET is asked in test_reading_changes_nothing")
    before, has_related = fingerprint(), bool(related(route, world))
    for keyword, which in [*cases(route, world), (None, "own")]:
        for who in EVERYBODY:
            targets = {keyword: which} if keyword else {}
            word = expected(route, who, needs[route.id], targets, has_related=has_related)
            if word != "yes" and not is_their_own(route, who, which):
                asker.send(route, who, targets)

    assert fingerprint() == before


@each_route
def test_a_body_can_not_point_at_what_its_sender_may_not_see(route, world, asker):
    """Related ids one at a time: foreign, unknown, and withheld from all but the owner."""
    wrong = []
    for model in related(route, world):
        for who, which in [("owner", "foreign"), ("owner", "random"), ("admin", "restricted")]:
            if not world.has(model, which):
                continue
            before = fingerprint()
            answer = asker.send(route, who, swapped=model, which=which)
            if answer.status not in (404, 422) or fingerprint() != before:
                wrong.append(f"{which} {model.__name__} by {who}: {answer.error or answer.status}")

    assert not wrong, f"{route.id}: {wrong}"


@each_route
def test_a_filter_can_not_ask_about_what_its_sender_may_not_see(route, world, asker):
    for name, model in routes.query_ids(route).items():
        own = query_with(route, world, name, model, "own")
        assert asker.ask(route, "owner", query=own).word == "yes", f"owner: {own}"
        for who, which in [("owner", "foreign"), ("owner", "random"), ("admin", "restricted")]:
            if not world.has(model, which):
                continue
            query = query_with(route, world, name, model, which)

            assert asker.ask(route, who, query=query).status in (404, 422), f"{who}: {query}"


@each_route
def test_reading_changes_nothing_and_shows_nothing_foreign_or_withheld(route, world, asker):
    if route.method != "GET":
        pytest.skip("it writes")
    before = fingerprint()
    for who in ROLES:
        text = asker.send(route, who).text

        assert FOREIGN not in text
        assert not any(str(row.pk) in text for row in world.abroad.rows.values())
        if who != "owner":
            assert RESTRICTED not in text, f"{who} reads of {RESTRICTED} rows"
            shown = [r for r in world.home.restricted.values() if str(r.pk) in text]
            assert not shown, f"{who} is told the id of {shown}"
    assert world.home.word not in asker.send(route, "stranger").text
    assert fingerprint() == before


@each_route
def test_methods_that_it_does_not_know_are_a_405(route, world, asker):
    for method in routes.other_methods(route):
        answer = asker.ask(route, "owner", method=method)

        assert answer.status == 405, f"{method} {route.template}"
        assert route.method in answer.allow.replace(" ", "").split(",")


def test_the_sweep_fails_where_it_can_not_make_an_object():
    with pytest.raises(UnknownKeyword, match="what is <widget>"):
        routes._objects("new:page", ["tenant", "widget"], PageRule(("GET",)))


def test_the_sweep_is_wide(world):
    probes = sum(len(cases(route, world)) * len(EVERYBODY) for route in routes.routes())

    assert probes > 1_000
