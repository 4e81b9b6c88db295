"""The leak detector sees a statement that forgets its tenant, and no other. Run in every mode."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.models import Count

from agents.models import Agent
from personas import services as personas
from personas.models import Persona
from tenants.access import Access
from tenants.models import Secret, Tenant
from tests.factories.agents import AgentFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import SecretFactory
from tests.row_security import binding, policies
from tests.row_security.allowed import ALLOWED
from tests.row_security.watching import Leak, prove, unit

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module", autouse=True)
def detector(django_db_setup, django_db_blocker):
    """As with ROSTER_TEST_RLS=1; where that isn't set, only while this module's tests run."""
    if policies.is_asked():
        yield
        return
    with django_db_blocker.unblock():
        policies.install()
    with binding.active():
        yield
    with django_db_blocker.unblock():
        policies.remove()


@pytest.fixture
def secrets(tenant, other_tenant):
    """One of each organisation."""
    return [SecretFactory(tenant=tenant, name="ours"), SecretFactory(tenant=other_tenant)]


def test_rows_of_a_proven_tenant_are_read(tenant, secrets):
    with unit(tenant.pk):
        assert Secret.unscoped.get(tenant=tenant) == secrets[0]


@pytest.mark.parametrize(
    "forgetful",
    [
        lambda rows: list(rows.all()),
        lambda rows: rows.count(),
        lambda rows: rows.filter(name__startswith="Secret").exists(),
        lambda rows: list(rows.values("name").annotate(n=Count("pk"))),
        lambda rows: list(rows.select_for_update()),
        lambda rows: list(rows.iterator()),
        lambda rows: rows.update(name="x"),
        lambda rows: rows.all().delete(),
    ],
    ids=["list", "count", "exists", "values", "lock", "iterator", "update", "delete"],
)
def test_a_statement_that_forgets_its_tenant_fails(tenant, secrets, forgetful):
    with unit(tenant.pk), pytest.raises(Leak, match="tenants_secret"):
        forgetful(Secret.unscoped)


def test_raw_sql_that_forgets_its_tenant_fails(tenant, secrets):
    with unit(tenant.pk), connection.cursor() as cursor, pytest.raises(Leak):
        cursor.execute("SELECT name FROM tenants_secret WHERE id = %s", [secrets[1].pk])


def test_a_change_inside_raw_sql_is_made_once_and_not_in_another_tenant(tenant, secrets):
    change = """WITH named AS (SELECT id FROM tenants_secret WHERE id = %s FOR UPDATE)
        UPDATE tenants_secret AS s SET name = s.name || '!' FROM named WHERE s.id = named.id
        RETURNING s.name"""
    with unit(tenant.pk), connection.cursor() as cursor:
        cursor.execute(change, [secrets[0].pk])
        assert cursor.fetchall() == [("ours!",)]
        with pytest.raises(Leak, match="would change 1 rows, not 0"):
            cursor.execute(change, [secrets[1].pk])


def test_a_row_put_into_another_tenant_fails(tenant, other_tenant):
    with unit(tenant.pk), pytest.raises(Leak):
        SecretFactory(tenant=other_tenant)


def test_a_leak_inside_a_join_fails(tenant, other_tenant):
    AgentFactory(tenant=tenant, persona=PersonaFactory(tenant=tenant))
    AgentFactory(tenant=other_tenant, persona=PersonaFactory(tenant=other_tenant))

    with unit(tenant.pk):
        assert Agent.unscoped.filter(tenant=tenant).select_related("persona").get().persona
        with pytest.raises(Leak):
            list(Persona.unscoped.filter(pk__in=Agent.unscoped.values("persona")))


def test_two_proven_tenants_are_both_reached(tenant, other_tenant, secrets):
    with unit(tenant.pk):
        prove(other_tenant.pk)

        assert Secret.unscoped.count() == 2


def test_outside_of_a_unit_of_work_all_is_reached(secrets):
    assert Secret.unscoped.count() == 2


def test_a_page_is_watched(monkeypatch, page, owner, tenant, secrets):
    assert page(owner).get("/t/acme/settings/secrets/").status_code == 200

    monkeypatch.setattr(Access, "visible", lambda self, model, action="view": model.unscoped.all())

    with pytest.raises(Leak):
        page(owner).get("/t/acme/settings/secrets/")


def test_a_page_that_proves_nothing_reaches_nothing(monkeypatch, page, owner, secrets):
    monkeypatch.setattr("config.home.memberships", lambda *_, **__: Secret.unscoped.all())

    with pytest.raises(Leak, match="no tenant proven"):
        page(owner).get("/")


def test_a_service_is_watched(monkeypatch, access, owner, other_tenant):
    foreign = PersonaFactory(tenant=other_tenant)

    with pytest.raises(Leak):
        personas.update_persona(access(owner), foreign, name="Ours now")


def test_an_operation_of_the_api_is_watched(monkeypatch, api, owner, tenant, other_tenant):
    client, foreign = api(owner), PersonaFactory(tenant=other_tenant)
    assert client.get(f"/personas/{foreign.pk}").status_code == 404

    monkeypatch.setattr(Access, "get", lambda self, model, pk, *_: model.unscoped.get(pk=pk))

    with pytest.raises(Leak):
        client.get(f"/personas/{foreign.pk}")


def test_every_tenant_table_has_the_policy():
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_policies WHERE policyname = 'leak_detector'")
        watched = {table for (table,) in cursor.fetchall()}

    assert watched == set(policies.tables()) != set()
    assert Tenant._meta.db_table not in watched


def test_ones_own_memberships_are_read_before_anything_is_proven(page, tenant, other_tenant, owner):
    assert page(owner).get("/")["Location"] == "/t/acme/"


def test_what_is_allowed_to_look_further_is_there():
    for module, functions in ALLOWED.items():
        for name in functions:
            found = import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
