"""Signing in through an organisation's own OpenID Connect server, a real one on this machine."""

import re

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.db import connection
from django.test import Client

from tenants import openid, services
from tenants.models import AuditEvent, Membership, User
from tests.tenants import openid_server
from tests.tenants.accounts_kit import PASSWORD, confirm, sign_in

pytestmark = pytest.mark.django_db
CONNECTED = "A sign-in was connected to your account."
KIM = {"email": "kim@acme.example", "email_verified": True, "name": "Kim Acme"}


def there(provider, kind="through"):
    return f"/accounts/{kind}/{provider.tenant_id}/{provider.pk}/"


def come(client, server, provider, kind="through", **person):
    """The whole way: out, through the server's page, and back; the last answer."""
    back, answer = server.authorize(leave(client, provider, kind), **person)
    return client.get(back, answer)


def leave(client, provider, kind="through", **extra):
    """Where the page leads that follows the button."""
    leaving = client.post(there(provider, kind), **extra)
    assert leaving.status_code == 200, leaving.content
    return leaving["Refresh"].removeprefix("0; url=")


def is_in(client, slug="acme"):
    return client.get(f"/t/{slug}/").status_code == 200


def test_who_is_of_the_domain_becomes_a_member(client, server, provider):
    response = come(client, server, provider, **KIM)

    assert response["Location"] == "/t/acme/"
    assert is_in(client)
    member = Membership.unscoped.get(user__email="kim@acme.example")
    assert (member.role.slug, member.user.name) == ("editor", "Kim Acme")
    assert not member.user.has_usable_password()
    joined = AuditEvent.unscoped.get(action="member.joined")
    assert joined.changes["sign_in"] == [None, "Acme login"]


def test_who_comes_again_is_the_same(client, server, provider):
    for visitor in (client, Client()):
        come(visitor, server, provider, **KIM)
        assert is_in(visitor)

    assert User.objects.filter(email="kim@acme.example").count() == 1


@pytest.mark.parametrize(
    "person",
    [
        {"email": "kim@elsewhere.example", "email_verified": True},
        {"email": "kim@acme.example.thief.example", "email_verified": True},
        {"email": "kim@acme.example", "email_verified": False},
        {"email": "kim@acme.example", "email_verified": "false"},
        {"email": "kim@acme.example"},
        {},
    ],
)
def test_who_is_not_proved_to_be_of_the_domain_does_not(client, server, provider, person):
    response = come(client, server, provider, **person)

    assert response.status_code == 403
    assert b"acme.example only" in response.content
    assert not User.objects.filter(email__startswith="kim").exists()
    assert not is_in(client)


@pytest.mark.parametrize(
    "lie",
    [
        {"nonce": "of-another-sign-in"},
        {"nonce": ""},
        {"aud": "another-client"},
        {"aud": ["roster", "another"], "azp": "another"},
        {"iss": "https://accounts.google.com"},
        {"exp": 1_000_000_000},
        {"iat": "soon"},
    ],
    ids=str,
)
def test_a_token_that_is_not_right_opens_nothing(client, server, provider, lie):
    server.says = lie

    response = come(client, server, provider, **KIM)

    assert response.status_code == 403
    assert not SocialAccount.objects.exists()
    assert not is_in(client)


def test_a_token_that_somebody_else_signed_opens_nothing(client, server, provider):
    server.signs_with = openid_server._key()

    assert come(client, server, provider, **KIM).status_code == 403
    assert not is_in(client)


def test_an_answer_about_somebody_else_opens_nothing(client, server, provider):
    server.info = {"sub": "person-2"}

    assert come(client, server, provider, **KIM).status_code == 403


@pytest.mark.parametrize(
    "about",
    [{"issuer": "https://accounts.google.com"}, {"jwks_uri": "file:///etc/passwd"},
     {"token_endpoint": ""}],
    ids=str,
)  # fmt: skip
def test_a_server_that_is_not_itself_is_not_asked(client, server, provider, about):
    server.about = about

    assert client.post(there(provider)).status_code == 403
    assert server.asked == ["/.well-known/openid-configuration"]


def test_an_answer_that_this_browser_did_not_ask_for_opens_nothing(client, server, provider):
    """Neither a forged state nor one of another browser: nobody is signed in by a link."""
    back, answer = server.authorize(leave(client, provider), **KIM)
    victim = Client()

    for state in (answer["state"], "forged", ""):
        assert victim.get(back, {**answer, "state": state}).status_code == 403
    assert "/token" not in server.asked
    assert not is_in(victim)


def test_a_way_back_works_once(client, server, provider):
    back, answer = server.authorize(leave(client, provider), **KIM)
    client.get(back, answer)
    client.post("/accounts/sign-out/")

    assert client.get(back, answer).status_code == 403
    assert not is_in(client)


def test_going_there_is_a_post_with_a_token(provider):
    assert Client().get(there(provider)).status_code == 405
    assert Client(enforce_csrf_checks=True).post(there(provider)).status_code == 403


def test_the_way_back_is_under_our_own_address(client, server, provider, settings):
    settings.ROSTER_URL = "https://roster.example"

    address = leave(client, provider, headers={"X-Forwarded-Host": "thief.example"})

    assert "redirect_uri=https%3A%2F%2Froster.example%2F" in address


def test_a_server_inside_the_network_is_not_asked(client, server, provider, settings):
    settings.ALLOW_PRIVATE_NETWORKS = False

    assert client.post(there(provider)).status_code == 403
    assert server.asked == []


def test_switched_off_it_is_not_there(client, server, provider):
    come(client, server, provider, **KIM)
    type(provider).unscoped.update(is_enabled=False)

    assert Client().post(there(provider)).status_code == 404
    assert b"Acme login" not in Client().get("/accounts/organisation/?organisation=acme").content


def test_the_organisation_lists_its_ways_in_and_tells_nothing_of_others(client, provider, stranger):
    known = client.get("/accounts/organisation/?organisation=Acme").content
    without = client.get("/accounts/organisation/?organisation=globex").content
    unknown = client.get("/accounts/organisation/?organisation=nob%00ody").content

    assert b"Acme login" in known
    assert without.replace(b"globex", b"") == unknown.replace(b"nobody", b"")


def test_who_was_removed_does_not_come_back_through_it(client, server, provider, owner, access):
    come(client, server, provider, **KIM)
    member = Membership.unscoped.get(user__email="kim@acme.example")
    services.remove_member(access(owner), member)

    assert come(Client(), server, provider, **KIM).status_code == 403
    assert not is_in(client)


def test_a_connected_person_comes_in_through_it(client, server, provider, person):
    sign_in(client, person)
    confirm(client)
    come(client, server, provider, "connected", sub="viewer-1")
    fresh = Client()

    come(fresh, server, provider, sub="viewer-1")

    assert is_in(fresh)
    assert fresh.get("/t/acme/").wsgi_request.user == person


def test_connecting_asks_for_the_password_first(client, server, provider, person):
    sign_in(client, person)

    assert "/accounts/confirm/" in client.post(there(provider, "connected"))["Location"]


def test_an_identity_is_connected_once_and_to_one_account(
    client, server, provider, person, owner, django_capture_on_commit_callbacks
):
    for visitor, user in ((client, person), (Client(), owner)):
        user.set_password(PASSWORD)
        user.save()
        sign_in(visitor, user)
        confirm(visitor)
        told = []
        for _ in range(2):
            with django_capture_on_commit_callbacks(execute=True):
                answer = come(visitor, server, provider, "connected", sub="viewer-1")
            page = visitor.get("/accounts/connected/").content.decode()
            told.append(re.findall("Acme login (?:is connected|was connected already)", page))
        if user == person:
            assert told == [["Acme login is connected"], ["Acme login was connected already"]]

    assert [message.to for message in mail.outbox if CONNECTED in message.body] == [[person.email]]
    assert answer.status_code == 403
    assert "belongs to another account" in answer.content.decode()
    assert SocialAccount.objects.get().user == person


def test_who_is_no_member_any_more_connects_nothing(client, server, provider, person):
    sign_in(client, person)
    confirm(client)
    back, answer = server.authorize(leave(client, provider, "connected"), sub="viewer-1")
    Membership.unscoped.filter(user=person).update(is_suspended=True)

    assert client.get(back, answer).status_code == 403
    assert not SocialAccount.objects.exists()


def test_a_password_that_was_confirmed_long_ago_connects_nothing(
    client, server, provider, person, settings
):
    sign_in(client, person)
    confirm(client)
    back, answer = server.authorize(leave(client, provider, "connected"), sub="viewer-1")
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = -1

    refused = client.get(back, answer)

    assert refused.status_code == 403
    assert "took too long" in refused.content.decode()
    assert not SocialAccount.objects.exists()


@pytest.fixture
def meanwhile(provider, monkeypatch):
    """The sign-in is set to another client while the server is being asked."""
    really = openid.user_info
    change = "UPDATE tenants_signinprovider SET client_id = 'another' WHERE id = %s"

    def ask(*args):
        connection.connection.execute(change, [provider.pk])  # as somebody else, not this request
        return really(*args)

    return lambda: monkeypatch.setattr(openid, "user_info", ask)


def test_nobody_joins_by_the_word_of_the_server_before(client, server, provider, meanwhile):
    meanwhile()

    assert "another server now" in come(client, server, provider, **KIM).content.decode()
    assert not SocialAccount.objects.exists()
    assert not User.objects.filter(email=KIM["email"]).exists()


def test_nobody_comes_in_by_the_word_of_the_server_before(client, server, provider, meanwhile):
    come(client, server, provider, **KIM)
    fresh = Client()
    meanwhile()

    assert "another server now" in come(fresh, server, provider, **KIM).content.decode()
    assert not is_in(fresh)


def test_nobody_connects_what_the_server_before_said(client, server, provider, person, meanwhile):
    sign_in(client, person)
    confirm(client)
    meanwhile()

    answer = come(client, server, provider, "connected", sub="viewer-1")

    assert "another server now" in answer.content.decode()
    assert not SocialAccount.objects.exists()


def test_the_last_way_in_is_not_disconnected(client, server, provider, person):
    sign_in(client, person)
    confirm(client)
    come(client, server, provider, "connected", sub="viewer-1")
    identity = SocialAccount.objects.get()
    person.set_unusable_password()
    person.save()
    client.force_login(person, backend="tenants.sign_in.PasswordBackend")

    client.post(f"/accounts/connected/{identity.pk}/remove/")
    assert SocialAccount.objects.exists()

    person.set_password(PASSWORD)
    person.save()
    client.force_login(person, backend="tenants.sign_in.PasswordBackend")
    client.post(f"/accounts/connected/{identity.pk}/remove/")
    assert not SocialAccount.objects.exists()


def test_the_client_secret_goes_to_the_server_alone(client, server, provider, owner, page):
    come(client, server, provider, **KIM)

    shown = page(owner).get(f"/t/acme/settings/sign-in/{provider.pk}/").content.decode()
    assert openid_server.CLIENT_SECRET not in shown
    assert openid_server.CLIENT_SECRET not in str([*AuditEvent.unscoped.values_list("changes")])
