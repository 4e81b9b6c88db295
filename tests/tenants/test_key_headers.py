"""How a key may be sent, and which headers say nothing about who asks or from where."""

import pytest
from django.test import Client

from tenants.addresses import client_address, is_within, normalised
from tenants.models import ApiKey
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db
HOME, AWAY = "192.0.2.17", "203.0.113.9"


@pytest.fixture
def key(tenant, editor):
    return ApiKeyFactory(tenant=tenant, user=editor, scopes=["view_agents"])


@pytest.fixture
def ask(key):
    """The status of a request with these headers, from this address."""

    def status(headers=None, address=HOME):
        sent = {"Authorization": f"Bearer {key.token}"} if headers is None else headers
        return Client(headers=sent).get("/api/v1/agents", REMOTE_ADDR=address).status_code

    return status


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_the_scheme_is_read_in_any_case(ask, key, scheme):
    assert ask({"authorization": f"{scheme} {key.token}"}) == 200


@pytest.mark.parametrize(
    "value",
    [
        "{token}",
        "Basic {token}",
        "Token {token}",
        "Bearer  {token}",
        "Bearer {token} {token}",
        "Bearer {token},Bearer {token}",
        "Bearer {token}, Bearer rst_x",
        "Bearer",
        "Bearer \x00{token}",
    ],
)
def test_a_header_that_is_not_exactly_one_key_is_none(ask, key, value):
    assert ask({"Authorization": value.format(token=key.token)}) == 401


@pytest.mark.parametrize("name", ["X-Api-Key", "X-Authorization", "Proxy-Authorization", "Api-Key"])
def test_other_headers_carry_no_key(ask, key, name):
    assert ask({name: f"Bearer {key.token}"}) == 401
    assert ask({name: key.token}) == 401


def test_a_key_in_the_address_is_none(key):
    assert Client().get(f"/api/v1/agents?api_key={key.token}").status_code == 401


def test_no_header_leads_to_another_organisation(key, other_tenant):
    for name in ("X-Tenant-ID", "X-Tenant", "X-Organization", "X-Original-User", "X-User-ID"):
        sent = {"Authorization": f"Bearer {key.token}", name: str(other_tenant.pk)}
        answer = Client(headers=sent).get("/api/v1/agents")
        assert (answer.status_code, answer.json()["items"]) == (200, [])


def test_a_key_works_from_its_addresses_alone(ask, key):
    ApiKey.unscoped.update(networks=["192.0.2.0/24", "2001:db8::/32"])

    assert ask(address=HOME) == ask(address="2001:db8::1") == ask(address=f"::ffff:{HOME}") == 200
    assert ask(address=AWAY) == ask(address="2001:db9::1") == ask(address="") == 401


@pytest.mark.parametrize(
    "name",
    ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "True-Client-IP", "Client-IP"],
)
def test_nobody_comes_from_where_a_header_says_without_a_trusted_proxy(ask, key, name):
    ApiKey.unscoped.update(networks=["192.0.2.0/24"])
    sent = {"Authorization": f"Bearer {key.token}", name: HOME}

    assert ask(sent, address=AWAY) == 401


@pytest.mark.parametrize(
    ("hops", "forwarded", "found"),
    [
        (1, HOME, HOME),
        (1, f"{AWAY}, {HOME}", HOME),
        (1, f"{HOME}:51234", HOME),
        (1, "[2001:db8::1]:443", "2001:db8::1"),
        (2, f"{AWAY}, {HOME}, 10.0.0.1", HOME),
        (2, HOME, None),
        (1, "", None),
        (1, "unknown", None),
        (1, f"{HOME}, ", None),
    ],
)
def test_behind_proxies_the_hop_that_the_outermost_wrote_counts(
    rf, settings, hops, forwarded, found
):
    settings.TRUSTED_PROXIES = hops
    request = rf.get("/", REMOTE_ADDR="10.0.0.2", HTTP_X_FORWARDED_FOR=forwarded)

    assert str(client_address(request)) == str(found)


def test_who_can_not_be_placed_is_outside():
    assert not is_within(None, ["0.0.0.0/0", "::/0"])


def test_networks_are_kept_once_and_short():
    written = [" 192.0.2.1 ", "192.0.2.1/32", "2001:DB8:0::/32", "::ffff:10.0.0.0/104"]

    assert normalised(written) == ["192.0.2.1/32", "2001:db8::/32", "10.0.0.0/8"]


def test_the_last_use_tells_the_address(ask, key):
    ask()

    assert ApiKey.unscoped.get().last_used_from == HOME
