"""Where one is signed in, and the way out of it."""

import pytest
from allauth.usersessions.models import UserSession
from django.test import Client

from tenants import services
from tenants.access import Access
from tenants.models import Membership, Role
from tenants.user_agents import described
from tests.tenants.accounts_kit import sign_in

pytestmark = pytest.mark.django_db
URL = "/accounts/devices/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def elsewhere(person):
    """The same person at another machine."""
    client = Client(headers={"User-Agent": FIREFOX})
    sign_in(client, person)
    return client


def session_of(client):
    return UserSession.objects.get(session_key=client.session.session_key)


def is_in(client):
    return client.get("/t/acme/").status_code == 200


def membership(person, tenant):
    return Membership.unscoped.get(user=person, tenant=tenant)


def test_every_device_is_listed_with_what_it_is(signed_in, elsewhere):
    content = signed_in.get(URL).content.decode()

    assert "Firefox on Linux" in content
    assert content.count("127.0.0.1 ·") == 2
    assert content.count("this one") == 1


def test_one_device_is_signed_out(signed_in, elsewhere):
    signed_in.post(f"{URL}{session_of(elsewhere).pk}/")

    assert not is_in(elsewhere)
    assert is_in(signed_in)


def test_all_others_are_signed_out(signed_in, elsewhere):
    signed_in.post(f"{URL}others/")

    assert not is_in(elsewhere)
    assert is_in(signed_in)


def test_nobody_signs_somebody_else_out(signed_in, page, owner):
    stranger = page()
    owner.set_password("another password for it")
    owner.save()
    sign_in(stranger, owner, "another password for it")

    assert signed_in.post(f"{URL}{session_of(stranger).pk}/").status_code == 404
    signed_in.post(f"{URL}others/")
    assert is_in(stranger)


def test_looking_signs_nobody_out(signed_in, elsewhere):
    assert signed_in.get(f"{URL}others/").status_code == 405
    assert signed_in.get(f"{URL}{session_of(elsewhere).pk}/").status_code == 405


def test_signing_out_takes_the_device_off_the_list(signed_in, elsewhere):
    elsewhere.post("/accounts/sign-out/")

    assert "Firefox on Linux" not in signed_in.get(URL).content.decode()


def test_removal_ends_the_sessions(signed_in, person, owner, tenant):
    services.remove_member(Access.of(owner, "acme"), membership(person, tenant))

    assert "/sign-in/" in signed_in.get("/t/acme/")["Location"]


def test_suspension_gives_nothing_here_and_leaves_other_organisations_alone(
    signed_in, person, owner, tenant, other_tenant
):
    services.add_member(other_tenant, person, role="viewer")
    assert is_in(signed_in)

    services.suspend_member(Access.of(owner, "acme"), membership(person, tenant))

    for path in ("/t/acme/", "/t/acme/agents/", "/t/acme/settings/members/"):
        assert signed_in.get(path).status_code == 404
    assert signed_in.post("/t/acme/agents/new/").status_code == 404
    assert signed_in.get("/t/globex/").status_code == 200
    assert "/t/acme/" not in signed_in.get("/accounts/organisations/").content.decode()


def test_whoever_comes_back_from_suspension_need_not_sign_in(signed_in, person, owner, tenant):
    services.suspend_member(Access.of(owner, "acme"), membership(person, tenant))
    services.unsuspend_member(Access.of(owner, "acme"), membership(person, tenant))

    assert is_in(signed_in)


def test_a_lower_role_ends_the_sessions_and_a_higher_one_does_not(signed_in, person, owner, tenant):
    roles = {role.slug: role for role in Role.unscoped.filter(tenant=tenant)}
    access = Access.of(owner, "acme")

    services.change_role(access, membership(person, tenant), role=roles["editor"])
    assert is_in(signed_in)
    services.change_role(access, membership(person, tenant), role=roles["viewer"])
    assert not is_in(signed_in)


def test_the_last_look_is_noted_now_and_then(signed_in, person):
    row = session_of(signed_in)
    store = signed_in.session
    store["seen_at"] -= 3600
    store.save()
    UserSession.objects.update(last_seen_at=row.created_at.replace(year=2020))

    signed_in.get("/t/acme/")

    assert session_of(signed_in).last_seen_at.year > 2020


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1", "Safari on iPhone"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_is_told_in_two_words(agent, words):
    assert described(agent) == words
