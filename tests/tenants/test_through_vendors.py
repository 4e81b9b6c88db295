"""Signing in through an organisation's Google or GitHub, whose wire is spoken on this machine."""

import pytest

from tenants import services
from tenants.models import Membership, Role, User, sign_in
from tenants.views.provider_adapter import GitHubAdapter
from tests.tenants.openid_server import CLIENT, CLIENT_SECRET, running
from tests.tenants.test_through import come, is_in, leave
from tests.tenants.vendor_servers import GitHub, Google

pytestmark = pytest.mark.django_db
KIM = {"email": "kim@acme.example", "email_verified": True, "name": "Kim Acme"}


@pytest.fixture
def set_up(tenant, owner, access, settings, monkeypatch):
    """`set_up(server)`: the organisation's sign-in with that vendor, who is found at `server`."""
    settings.ALLOW_PRIVATE_NETWORKS = True

    def made(server):
        monkeypatch.setattr(sign_in, "GOOGLE", server.url)
        for name, path in (("access_token_url", "/login/oauth/access_token"),
                           ("authorize_url", "/login/oauth/authorize"),
                           ("profile_url", "/user"), ("emails_url", "/user/emails")):  # fmt: skip
            monkeypatch.setattr(GitHubAdapter, name, f"{server.url}{path}")
        return services.create_sign_in(
            access(owner),
            name="Acme login",
            kind=type(server).__name__.lower(),
            server_url="",
            client_id=CLIENT,
            client_secret=CLIENT_SECRET,
            domains=["acme.example"],
            role=Role.unscoped.get(tenant=tenant, slug="contributor"),
            is_enabled=True,
        )

    return made


@pytest.mark.parametrize(
    ("vendor", "name"),
    [
        (Google(hd="acme.example", **KIM), "Kim Acme"),
        (GitHub(("kim@home.example", True, True), ("Kim@Acme.example", False, True)), ""),
    ],
    ids=["Google", "GitHub, by an address that is not the primary one"],
)
def test_who_is_of_the_domain_becomes_a_member(client, set_up, vendor, name):
    with running(vendor) as server:
        answer = come(client, server, set_up(server))

    assert answer["Location"] == "/t/acme/"
    assert is_in(client)
    member = Membership.unscoped.get(user__email="kim@acme.example")
    assert (member.role.slug, member.user.name) == ("contributor", name)


@pytest.mark.parametrize(
    "vendor",
    [
        GitHub(("kim@home.example", True, True), ("kim@acme.example", False, False)),
        GitHub(("kim@acme.example", True, False)),
        GitHub(email="kim@acme.example"),
        Google(email="kim@acme.example", email_verified=True),
        Google(email="kim@acme.example", email_verified=False, hd="acme.example"),
        Google(email="kim@home.example", email_verified=True, hd="home.example"),
    ],
    ids=["unverified beside a verified one", "unverified", "public, but not listed",
         "a private Google account", "unverified at Google", "another Workspace"],
)  # fmt: skip
def test_who_is_not_proved_to_be_of_the_domain_does_not(client, set_up, vendor):
    with running(vendor) as server:
        answer = come(client, server, set_up(server))

    assert answer.status_code == 403
    assert b"acme.example only" in answer.content
    assert not User.objects.filter(email__startswith="kim").exists()


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"error": "access_denied"}, "Either you cancelled at Acme login"),
        ({"error": "redirect_uri_mismatch"}, "Its answer was “redirect_uri_mismatch”."),
        ({"error": "Call 555-0100 now"}, "tell an owner of Acme.</p>"),
        ({"code": "4/made-up"}, "tell an owner of Acme.</p>"),
        ({}, "tell an owner of Acme.</p>"),
    ],
    ids=str,
)
def test_what_went_wrong_is_told_and_opens_nothing(client, set_up, answer, told):
    with running(GitHub(("kim@acme.example", True, True))) as server:
        back, right = server.authorize(leave(client, set_up(server)))
        refused = client.get(back, {"state": right["state"], **answer})

        assert refused.status_code == 403
        assert told in refused.content.decode()
        assert client.get(back, right).status_code == 403  # a state works once
    assert not is_in(client)


def test_google_refuses_a_code_too(client, set_up):
    with running(Google(hd="acme.example", **KIM)) as server:
        back, right = server.authorize(leave(client, set_up(server)))

        assert client.get(back, {**right, "code": "4/made-up"}).status_code == 403
    assert not is_in(client)
