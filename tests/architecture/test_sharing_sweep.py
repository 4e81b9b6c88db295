"""The same sweep about what was shared with somebody alone, and what was denied to them.

Shared: restricted, and each role's person was granted to view it. Denied: open, and each was denied
to view it. Owners are bound by neither.
"""

import pytest
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from guardian.utils import get_user_obj_perms_model

from agents.models import Agent
from knowledge.models import Source
from personas.models import Persona
from tenants.capabilities import LADDERS
from tenants.rules import Shared
from tests.architecture import access_table, routes, test_isolation_sweep
from tests.architecture.asking import fingerprint
from tests.architecture.expectation import HELD, capability_for
from tests.architecture.world import EVERYBODY, ROLES, WITHHELD
from tools.models import Tool

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

SHAREABLE = (Agent, Persona, Tool, Source)
# Which of the furnished rows each is about.
FURNITURE = {"shared": "restricted", "denied": "own"}
about_what_is_shared = pytest.mark.parametrize(
    "route",
    [route for route in routes.routes() if not WITHHELD.isdisjoint(route.objects.values())],
    ids=lambda route: route.id,
)


@pytest.fixture(scope="module")
def needs():
    return {name: row.needs for name, row in access_table.written().items()}


@pytest.fixture
def shared(world):
    write(world, "view", world.home.restricted)


@pytest.fixture
def denied(world):
    write(world, "deny_view", world.home.rows)


def write(world, action, rows):
    """The entry that sharing makes, on each shareable row for everybody but the owner."""
    for model in SHAREABLE:
        name = model._meta.model_name
        permission = Permission.objects.get(
            content_type=ContentType.objects.get_for_model(model), codename=f"{action}_{name}"
        )
        entries = get_user_obj_perms_model(model)
        entries.objects.bulk_create(
            entries(permission=permission, user=world.home.people[role], content_object=rows[model])
            for role in ROLES
            if role != "owner"
        )


def keywords(route):
    """The path's objects that can be restricted, one at a time."""
    return [keyword for keyword, model in route.objects.items() if model in WITHHELD]


def area_of(model):
    """The area in whose ladder an object's grants stand; "" where grants do not decide."""
    rule = model.access_rule
    while not isinstance(rule, Shared):
        if not hasattr(rule, "parent") or hasattr(rule, "owner"):
            return ""
        model = model._meta.get_field(rule.parent).related_model
        rule = model.access_rule
    return rule.area


def expected(route, who, needs, keyword, which):
    """What sharing's rules say, without asking Access."""
    if which == "denied":
        return "yes" if who == "owner" else "404"
    model = route.objects[keyword]
    if not _holds(who, capability_for(model, "view"), area_of(model)):
        return "404"
    if not all(_holds(who, capability_for(m, "view"), "") for m in _before(route, keyword)):
        return "404"
    is_first = keyword == next(iter(route.objects))
    held = all(_holds(who, n, area_of(model) if is_first else "") for n in needs)
    return "yes" if held else "403"


def _before(route, keyword):
    """The models that the path names before this one: who may not see these gets no further."""
    names = list(route.objects)
    return [route.objects[name] for name in names[: names.index(keyword)]]


def _holds(who, capability, area):
    """By the role, or in the object's own area by the grant to view, which is all there is."""
    if who != "owner" and area in LADDERS and capability.endswith(f"_{area}"):
        return capability == f"view_{area}"
    return capability in HELD[who]


def wrong_answers(which, route, world, asker, needs):
    before = fingerprint()
    for keyword in keywords(route):
        for who in ROLES:
            should = expected(route, who, needs[route.id], keyword, which)
            word = asker.expect(should, route, who, {keyword: FURNITURE[which]}).word
            if word != should:
                yield f"{who}, {which} {keyword}: {word} instead of {should}"
    assert fingerprint() == before


@about_what_is_shared
def test_what_is_shared_is_reached_as_far_as_it_was_granted(route, world, asker, needs, shared):
    wrong = [*wrong_answers("shared", route, world, asker, needs)]

    assert not wrong, f"{route.id} ({route.template})\n" + "\n".join(wrong)


@about_what_is_shared
def test_what_is_denied_is_not_there(route, world, asker, needs, denied):
    wrong = [*wrong_answers("denied", route, world, asker, needs)]

    assert not wrong, f"{route.id} ({route.template})\n" + "\n".join(wrong)


def test_all_probes_together_are_many(world):
    """Every route × method × person × {own, shared, denied, restricted, foreign, random}."""
    about_others = sum(
        len(test_isolation_sweep.cases(route, world)) * len(EVERYBODY) for route in routes.routes()
    )
    by_sharing = sum(len(keywords(route)) * 2 * len(ROLES) for route in routes.routes())
    own = len(routes.routes()) * len(EVERYBODY)

    assert about_others + by_sharing + own > 3_000
