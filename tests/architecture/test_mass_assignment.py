"""Nothing that a form or a body does not offer is taken from it: tenant, role, maker, id, version.

Every route that changes something gets a valid body with all of these beside it. Afterwards no
more rows than before hold any of the values, and nobody's account has other flags.
"""

import json
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, transaction

from tenants.models import Role, User
from tests.architecture import payloads, routes
from tests.architecture.test_openapi import schema_of
from tests.factories.tenants import SecretFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("without_background")]

NOBODYS = "0bad0bad-0bad-7bad-8bad-0bad0bad0bad"
NUMBER = "987654321"
FLAGS = ("is_superuser", "is_staff", "is_platform_admin", "is_active")
# What the form or the body of a route does offer, though the valid body of the sweep lacks it.
OFFERED = {
    "personas:persona-create POST": {"role"},  # who a persona is: words
    "personas:persona-edit POST": {"role"},
}

sending = [route for route in routes.routes() if route.method in ("POST", "PUT", "PATCH")]
bodies = [r for r in sending if not r.is_page and r.operation.get("requestBody")]
each_page = pytest.mark.parametrize(
    "route", [route for route in sending if route.is_page], ids=lambda route: route.id
)
each_body = pytest.mark.parametrize("route", bodies, ids=lambda route: route.id)


@pytest.fixture(scope="module")
def hostile(world):
    """Names that a model has and no form offers, with values of somebody else."""
    stranger, role = str(world.abroad.owner.pk), world.abroad.rows[Role]
    return {
        **dict.fromkeys(("tenant", "tenant_id", "organisation"), str(world.abroad.tenant.pk)),
        **dict.fromkeys(("user", "user_id", "owner", "owner_id", "member"), stranger),
        **dict.fromkeys(("created_by", "created_by_id", "started_by", "invited_by"), stranger),
        **dict.fromkeys(("role", "role_id"), str(role.pk)),
        **dict.fromkeys(("id", "pk", "uuid"), NOBODYS),
        **dict.fromkeys(("version", "number", "fence", "attempt"), NUMBER),
        **dict.fromkeys((*FLAGS, "is_owner", "is_built_in"), "true"),
        "status": "hostile-status",
        "digest": "hostile-digest",
        "public_id": "hostile-id",
    }


def beside(route, world, hostile, offered=()):
    """The hostile fields that are none of the route's own."""
    build = payloads._builder(route)
    own = set(build(world.home, payloads.Ids(world)) if build else ()) | set(offered)
    return {name: value for name, value in hostile.items() if name not in own}


def traces(fields):
    """How many rows of each table hold one of the values, and the flags of all accounts."""
    values = sorted({f"%{v}%" for v in fields.values() if len(v) > len("true")})
    tables = sorted({m._meta.db_table for m in apps.get_models() if m._meta.managed})
    each = " UNION ALL ".join(
        f"SELECT '{table}', count(*) FROM {connection.ops.quote_name(table)} t"
        " WHERE to_jsonb(t)::text LIKE ANY(%s)"
        for table in tables
    )
    with connection.cursor() as cursor:
        cursor.execute(each, [values] * len(tables))
        rows = dict(cursor.fetchall())
    return rows, list(User.objects.order_by("pk").values_list("pk", *FLAGS))


def differences(before, after):
    (rows, flags), (rows_after, flags_after) = before, after
    found = [f"{t}: {n - rows[t]} rows more" for t, n in rows_after.items() if n != rows[t]]
    return found + [
        f"{old} → {new}" for old, new in zip(flags, flags_after, strict=False) if old != new
    ]


@each_page
def test_a_form_takes_no_field_that_it_does_not_offer(route, world, asker, hostile):
    """Numbers by themselves: a form that knows of versions refuses one that isn't the row's."""
    fields = beside(route, world, hostile, OFFERED.get(route.id, ()))
    numbers = {name: value for name, value in fields.items() if value == NUMBER}
    for sent in ({n: v for n, v in fields.items() if n not in numbers}, numbers):
        with transaction.atomic():
            before = traces(sent)
            answer = asker.send(route, "owner", extra=sent)
            after = traces(sent)
            transaction.set_rollback(True)

        assert not answer.error
        assert after == before, differences(before, after)


@each_body
def test_a_body_with_a_field_that_it_does_not_offer_is_refused(route, world, asker, hostile):
    """One at a time the fields that matter most, then all of them together."""
    known = schema_of(route.operation["requestBody"]["content"]).get("properties", {})
    fields = beside(route, world, hostile, known)
    for name in ("tenant", "tenant_id", "created_by", "id", "is_superuser"):
        answer = asker.ask(route, "owner", extra={name: fields[name]})

        assert answer.status == 422, f"{name}: {answer.status}"
        assert json.loads(answer.text)["errors"][0]["pointer"].endswith(f"/{name}")

    with transaction.atomic():
        before = traces(fields)
        answer = asker.send(route, "owner", extra=fields)
        assert (answer.status, traces(fields)) == (422, before)
        transaction.set_rollback(True)


def test_what_is_offered_by_exception_is_a_route():
    assert set(OFFERED) <= {route.id for route in sending}


def test_a_value_that_was_taken_would_be_seen(world):
    fields = {"tenant": str(world.abroad.tenant.pk), "id": NOBODYS}
    before, flags = traces(fields)

    SecretFactory(tenant=world.home.tenant, pk=UUID(NOBODYS))
    User.objects.filter(pk=world.home.owner.pk).update(is_superuser=True)
    after, other = traces(fields)

    assert after["tenants_secret"] == before["tenants_secret"] + 1
    assert other != flags
