"""docs/access.md says who gets what; the rules and the real answers say the same."""

import pytest

from tests.architecture import access_table
from tests.architecture.access_table import COLUMNS, DOCUMENT, Row
from tests.architecture.asking import fingerprint
from tests.architecture.expectation import expected, needs_of_page
from tests.architecture.payloads import related
from tests.architecture.regenerate import is_asked
from tests.architecture.routes import routes
from tests.architecture.world import FOREIGN, RESTRICTED

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

HOW = "python -m tests.architecture.regenerate"
# Where a view asks for more than its rule says: the answer, and why.
BEYOND_THE_RULES = {
    ("knowledge:document-cancel POST", "contributor"): (
        "404",
        "who uploads may stop the reading of their own; this job is somebody else's",
    ),
}
# Who changes or rotates a key could act as its maker; keeping keys is seeing and ending them.
BEYOND_THE_RULES |= {
    (route, "admin"): ("403", "only its maker changes a key, which acts in their name")
    for route in (
        *("tenants:key-edit GET", "tenants:key-edit POST", "tenants:key-find POST"),
        *("tenants:key-rotate GET", "tenants:key-rotate POST"),
        *("api:update_api_key PATCH", "api:rotate_api_key POST"),
    )
}
each_route = pytest.mark.parametrize("route", routes(), ids=lambda route: route.id)


@pytest.fixture(scope="module")
def written():
    return access_table.written()


@pytest.mark.skipif(not is_asked(), reason=f"only in {HOW}")
def test_the_table_is_written_anew(world):
    access_table.write(access_table.new_rows(world))


def test_the_table_has_every_route_and_no_other(written):
    real = {route.id for route in routes()}

    assert not real - set(written), f"{DOCUMENT.name} lacks routes: {HOW}, and read what it says"
    assert not set(written) - real, f"{DOCUMENT.name} has routes that are no more: {HOW}"


@each_route
def test_everybody_is_answered_as_written(route, world, asker, written, untouched):
    row = written[route.id]

    answers = {who: asker.expect(row.word(who), route, who) for who in COLUMNS}

    really = Row(route.id, row.needs, tuple(answer.word for answer in answers.values()))
    assert really == row, f"\n  written {row.line()}\n  really  {really.line()}\n  {HOW}"
    shut_out = "404" if route.is_page else "401"
    assert asker.expect(shut_out, route, "suspended").word == shut_out
    assert fingerprint() == untouched
    if not route.is_unsafe:
        for who, answer in answers.items():
            shows_nothing_foreign_or_withheld(who, answer.text, world)


def shows_nothing_foreign_or_withheld(who, text, world):
    if who == "stranger":
        assert world.home.word not in text
        return
    assert FOREIGN not in text
    assert not any(str(row.pk) in text for row in world.abroad.rows.values())
    if who != "owner":
        assert RESTRICTED not in text, f"{who} reads of {RESTRICTED} rows"
        shown = [row for row in world.home.restricted.values() if str(row.pk) in text]
        assert not shown, f"{who} is told the id of {shown}"


@each_route
def test_what_is_written_follows_from_the_rules(route, world, written):
    row, has_related = written[route.id], bool(related(route, world))

    words = tuple(
        BEYOND_THE_RULES.get((route.id, who), ("",))[0]
        or expected(route, who, row.needs, has_related=has_related)
        for who in COLUMNS
    )

    assert row.words == words
    if route.is_page:
        assert list(row.needs) == needs_of_page(route.rule)


@pytest.mark.parametrize(
    "route", [route for route in routes() if not route.is_page], ids=lambda route: route.id
)
def test_a_key_with_the_written_scopes_is_enough_and_with_less_is_not(route, asker, written):
    needs = written[route.id].needs

    assert access_table.with_scopes(asker, route, frozenset(needs)) == "yes"
    for capability in needs:
        less = access_table.without(capability)
        assert access_table.with_scopes(asker, route, less) != "yes", f"without {capability}"


def test_a_row_is_read_as_it_is_written():
    row = Row("agents:agent-edit POST", ("change_agents",), ("yes", "403", "sign-in"))

    assert Row.parse(row.line()) == row
