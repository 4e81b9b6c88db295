"""A sign-in's server that tells of people what no person has: nobody comes in wrongly, or breaks
anything."""

import json

import pytest
from allauth.socialaccount.models import SocialAccount

from tenants import openid, outbound
from tenants.models import User
from tests.tenants.accounts_kit import confirm, sign_in
from tests.tenants.test_through import KIM, come, is_in, leave

pytestmark = pytest.mark.django_db

NOBODY = {
    "long": "s" * 192,
    "with NUL": "person\x00",
    "half a sign": "person\ud800",
    "empty": "",
    "a number": 1,
}
BESIDE = [
    *({"picture": "\x00"}, {"picture": "\ud800"}, {"height": float("inf")}, {"x": float("nan")}),
    *({"given_name": ["Kim"]}, {"family_name": "\x00"}, {"zoneinfo": 10**400}),
]
NAMES = ["\x00", "\ud800", ["Kim"], {"first": "Kim"}, "x" * 501]
ADDRESSES = [
    *("k" * 250 + "@acme.example", "ki\x00m@acme.example", "ki\nm@acme.example"),
    *(
        ["kim@acme.example"],
        "k im@acme.example",
        "@acme.example",
        "ki\u202em@acme.example",
        "\u212aim@acme.example",
    ),
]


@pytest.mark.parametrize("sub", NOBODY.values(), ids=NOBODY)
def test_who_has_no_identifier_is_nobody(client, server, provider, person, sub):
    assert come(client, server, provider, **KIM, sub=sub).status_code == 403
    sign_in(client, person)
    confirm(client)

    assert come(client, server, provider, "connected", **KIM, sub=sub).status_code == 403
    assert not SocialAccount.objects.exists()


@pytest.mark.parametrize("beside", BESIDE, ids=ascii)
@pytest.mark.parametrize("where", ["token", "info"])
def test_what_nobody_asked_for_is_not_kept(client, server, provider, beside, where):
    server.info = beside if where == "info" else {}
    said = beside if where == "token" else {}

    for _ in range(2):  # joining, and coming again
        come(client, server, provider, **KIM, **said)
        assert is_in(client)

    kept = SocialAccount.objects.get().extra_data
    assert kept["userinfo"] == {"sub": "person-1", "nonce": kept["id_token"]["nonce"], **KIM}


@pytest.mark.parametrize("name", NAMES, ids=lambda name: ascii(name)[:20])
def test_whose_name_is_none_has_none(client, server, provider, name):
    come(client, server, provider, **{**KIM, "name": name})

    assert is_in(client)
    assert User.objects.get(email=KIM["email"]).name == ""


@pytest.mark.parametrize("email", ADDRESSES, ids=lambda email: ascii(email)[-30:])
def test_what_nobody_could_type_is_no_address(client, server, provider, email):
    answer = come(client, server, provider, email=email, email_verified=True)

    assert answer.status_code == 403
    assert b"acme.example only" in answer.content
    assert not is_in(client)


@pytest.mark.parametrize("methods", [None, 5, "client_secret_basic"])
def test_how_a_client_proves_itself_is_guessed_where_that_is_no_list(
    client, server, provider, methods
):
    server.about = {"token_endpoint_auth_methods_supported": methods}

    assert "/authorize" in leave(client, provider)


@pytest.mark.parametrize(
    "name", ["authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint"]
)
def test_a_server_with_https_names_nothing_without(monkeypatch, name):
    """Whoever is in between could tell who somebody is, or read by what we ask."""
    here = "https://id.example.org"
    about = {"issuer": here, **{each: f"{here}/{each}" for each in openid.ADDRESSES}}
    about["userinfo_endpoint"] = None  # it need not have one

    def fetch(method, url, **_):
        return outbound.Response(200, {}, json.dumps(about).encode(), url, 0)

    monkeypatch.setattr(outbound, "fetch", fetch)
    assert openid.configuration(here)["issuer"] == here
    about[name] = f"http://id.example.org/{name}"

    with pytest.raises(openid.NotBelieved, match=f"{name} without https"):
        openid.configuration(here)
