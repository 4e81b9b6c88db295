"""Headers that pose as something else: none says who asks, where, how or from which host."""

import pytest
from axes.models import AccessAttempt
from django.test import Client

from tests.factories.personas import PersonaFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def foreign(other_tenant):
    return PersonaFactory(tenant=other_tenant, name="Foreign voice")


@pytest.mark.parametrize(
    "name",
    [
        "X-Tenant-ID",
        "X-Tenant",
        "X_Tenant_ID",
        "Tenant",
        "X-Organisation",
        "X-User-ID",
        "X-Remote-User",
    ],
)
@pytest.mark.parametrize("how", ["slug", "id"])
def test_no_header_names_the_organisation(page, api, owner, other_tenant, foreign, name, how):
    value = {name: other_tenant.slug if how == "slug" else str(other_tenant.pk)}

    assert page(owner).get("/t/globex/personas/", headers=value).status_code == 404
    assert b"Foreign" not in page(owner).get("/t/acme/personas/", headers=value).content
    assert api(owner).get(f"/personas/{foreign.pk}", headers=value).status_code == 404
    assert api(owner).get("/personas", headers=value).json()["items"] == []


@pytest.mark.parametrize("name", ["X-Original-URL", "X-Rewrite-URL", "X-Forwarded-Prefix"])
def test_no_header_names_the_address(page, viewer, name):
    answer = page(viewer).get("/t/acme/personas/", headers={name: "/t/acme/settings/members/"})

    assert answer.status_code == 200
    assert "<title>Personas" in answer.content.decode()


@pytest.mark.parametrize(
    "name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "X-Method"]
)
def test_no_header_and_no_field_names_the_method(page, api, owner, tenant, name):
    persona = PersonaFactory(tenant=tenant)
    client, delete = api(owner), {name: "DELETE"}
    there = f"/t/acme/personas/{persona.pk}/"

    assert client.get(f"/personas/{persona.pk}", headers=delete).status_code == 200
    assert client.post(f"/personas/{persona.pk}", headers=delete).status_code == 405
    assert page(owner).get(f"{there}delete/", headers={name: "POST"}).status_code == 405
    assert page(owner).post(there, {"_method": "GET"}, headers=delete).status_code == 405
    persona.refresh_from_db()


@pytest.mark.parametrize(
    "headers",
    [
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https"},
        {"X-Forwarded-Server": "evil.example"},
        {"Forwarded": "host=evil.example;proto=https"},
        {"X-Host": "evil.example"},
    ],
)
def test_no_header_leads_a_redirect_elsewhere(page, owner, headers):
    signed_out = page().get("/t/acme/agents/", headers=headers)
    signed_in = page(owner).get("/", headers=headers)

    for answer in (signed_out, signed_in):
        assert answer.status_code == 302
        assert answer["Location"].startswith("/")
        assert not answer["Location"].startswith("//")


@pytest.mark.parametrize(
    "host", ["evil.example", "acme.example@evil.example", "evil.example:80", ""]
)
def test_a_foreign_host_is_a_400_everywhere(page, api, owner, host):
    assert page(owner).get("/t/acme/", HTTP_HOST=host or "\x00").status_code == 400
    assert api(owner).get("/agents", HTTP_HOST=host or "\x00").status_code == 400


def test_a_client_that_names_other_addresses_is_locked_out_all_the_same(client, owner):
    for number in range(6):
        answer = client.post(
            "/accounts/sign-in/",
            {"login": owner.email, "password": "nonsense"},
            headers={"X-Forwarded-For": f"203.0.113.{number}", "X-Real-IP": f"203.0.113.{number}"},
        )

    assert answer.status_code in (403, 429)
    assert AccessAttempt.objects.count() == 1


@pytest.fixture
def token(tenant, owner):
    return ApiKeyFactory(tenant=tenant, user=owner, scopes=["view_agents"]).token


def status(**headers):
    return Client().get("/api/v1/agents", headers=headers).status_code


def test_the_key_in_its_own_header_opens_the_api(token):
    assert status(Authorization=f"Bearer {token}") == 200


@pytest.mark.parametrize(
    "spoilt",
    [
        "{0}, Bearer {0}",
        "Bearer {0}, Bearer {0}",
        "Bearer {0},{0}",
        "Bearer {0} {0}",
        "Bearer {0}\t{0}",
        "Basic {0}",
        "Token {0}",
        "{0}",
        "Bearer",
        "",
    ],
)
def test_two_keys_in_one_header_or_another_scheme_open_nothing(token, spoilt):
    assert status(Authorization=spoilt.format(token)) == 401


@pytest.mark.parametrize(
    "name", ["X-API-Key", "X-Authorization", "Proxy-Authorization", "X-Forwarded-Authorization"]
)
def test_a_key_in_another_header_opens_nothing(token, name):
    assert status(**{name: f"Bearer {token}"}) == 401


@pytest.mark.parametrize("name", ["api_key", "access_token", "token", "key", "authorization"])
def test_a_key_in_the_query_opens_nothing(token, name):
    assert Client().get(f"/api/v1/agents?{name}={token}").status_code == 401


def test_a_session_opens_no_api_and_a_key_opens_no_page(page, token, owner):
    assert page(owner).get("/api/v1/agents").status_code == 401
    answer = Client().get("/t/acme/agents/", headers={"Authorization": f"Bearer {token}"})
    assert answer["Location"].startswith("/accounts/")
