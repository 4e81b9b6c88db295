"""An answer kept under an Idempotency-Key is told only to who would get it now."""

import pytest
from django.db import transaction

from tenants.models import ApiKey, KeptAnswer, Membership, TenantRoleGrant
from tests.architecture import payloads, routes
from tests.architecture.test_audited import BEFORE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

REFUSED = (403, 404)
each_post = pytest.mark.parametrize(
    "route",
    [route for route in routes.operations() if route.method == "POST"],
    ids=lambda route: route.id,
)


@pytest.fixture
def ask(world, asker):
    """Send a route's valid request with the owner's key."""

    def ask(route, **headers):
        sent = payloads.request_arguments(route, world)
        client = asker.client("owner", is_page=False)
        return client.generic(route.method, route.path(world, {}), headers=headers, **sent)

    return ask


def demote(world):
    """Make the owner somebody who may read the activity log, and nothing else."""
    role = world.home.rows[Membership].role
    grants = TenantRoleGrant.objects.filter(group_id=role.group_id)
    grants.exclude(permission__codename="view_audit").delete()
    Membership.unscoped.filter(user=world.home.owner).update(role=role)


def undone(act):
    with transaction.atomic():
        answer = act()
        transaction.set_rollback(True)
    return answer


@each_post
def test_who_lost_the_right_is_not_told_the_answer_again(route, world, ask):
    BEFORE.get(route.id, lambda home: None)(world.home)
    first = ask(route, **{"Idempotency-Key": "k-1"})
    again = undone(lambda: ask(route, **{"Idempotency-Key": "k-1"}))
    assert (first.status_code, again["Idempotent-Replayed"]) == (again.status_code, "true")

    demote(world)
    anew = undone(lambda: ask(route))
    after = ask(route, **{"Idempotency-Key": "k-1"})

    if anew.status_code in REFUSED:
        assert (after.status_code, after.get("Idempotent-Replayed")) == (anew.status_code, None)


@each_post
def test_what_an_operation_asks_is_noted(route, world, ask):
    """An operation that notes nothing would be told to any key of the same name."""
    BEFORE.get(route.id, lambda home: None)(world.home)

    ask(route, **{"Idempotency-Key": "k-1"})

    assert KeptAnswer.unscoped.get(name="k-1").noted


def test_a_key_that_lost_its_scopes_is_not_told_either(world, ask):
    [route] = [one for one in routes.operations() if one.id == "api:create_persona POST"]
    ask(route, **{"Idempotency-Key": "k-1"})

    ApiKey.unscoped.filter(user=world.home.owner).update(scopes=["view_personas"])

    assert ask(route, **{"Idempotency-Key": "k-1"}).status_code == 403
