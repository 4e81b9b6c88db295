"""A session that an organisation's own sign-in opened reaches that organisation and no further.

Its server is run by somebody whom the platform has no reason to trust, and can claim every address.
"""

import pytest
from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client

from tenants import services
from tenants.models import Membership, User
from tests.tenants.accounts_kit import PASSWORD, confirm, sign_in
from tests.tenants.test_through import KIM, come, is_in

pytestmark = pytest.mark.django_db
CLOSED = "/accounts/out-of-reach/"


@pytest.fixture
def both(client, server, provider, person, other_tenant):
    """A member of Acme and Globex whose account is connected to Acme's server."""
    services.add_member(other_tenant, person, role="admin")
    sign_in(client, person)
    confirm(client)
    come(client, server, provider, "connected", sub="viewer-1")
    return person


@pytest.fixture
def through(server, provider, both):
    """That person's browser, in through Acme's server."""
    fresh = Client()
    come(fresh, server, provider, sub="viewer-1")
    return fresh


def test_it_opens_the_one_organisation_alone(through):
    assert is_in(through)
    assert through.get("/t/globex/")["Location"] == CLOSED
    assert through.get("/t/globex/agents/")["Location"] == CLOSED
    assert through.post("/t/globex/agents/new/", {"name": "Spy"})["Location"] == CLOSED


def test_it_does_not_even_tell_which_others_there_are(through):
    for path in ("/accounts/organisations/", "/", CLOSED):
        assert b"Globex" not in through.get(path, follow=True).content


@pytest.mark.parametrize(
    "path",
    ["profile/", "password/", "password/first/", "e-mail/", "second-factor/", "connected/",
     "second-factor/app/", "second-factor/passkeys/new/", "second-factor/codes/", "devices/",
     "second-factor/codes/new/", "confirm/", "confirm/code/", "confirm/passkey/"],
)  # fmt: skip
def test_the_account_itself_is_closed(through, both, path):
    before = User.objects.filter(pk=both.pk).values().get()

    for answer in (through.get(f"/accounts/{path}"), through.post(f"/accounts/{path}", {})):
        assert answer["Location"] == CLOSED
    after = User.objects.filter(pk=both.pk).values().get()
    assert after == before


def test_it_takes_no_invitation_to_elsewhere(through, both, stranger, other_tenant, access):
    Membership.unscoped.filter(user=both, tenant=other_tenant).delete()
    member = Membership.unscoped.get(user=stranger)
    _, link = services.invite_by_link(
        access(stranger, other_tenant), role=member.role, days=1, base_url=""
    )

    answer = through.post("/accounts/invitation/join/", {"token": link.partition("token=")[2]})

    assert answer["Location"] == CLOSED
    assert not Membership.unscoped.filter(user=both, tenant=other_tenant).exists()


def test_it_is_not_asked_for_a_factor_that_its_own_server_asks_for(through, both, tenant):
    tenant.requires_second_factor = True
    tenant.save()
    with_password = Client()
    sign_in(with_password, both)

    assert is_in(through)
    assert with_password.get("/t/acme/")["Location"] == "/accounts/second-factor/"


def test_the_password_opens_everything_again(through, both):
    through.post("/accounts/sign-out/")

    sign_in(through, both)

    assert is_in(through, "globex")


def test_a_server_can_not_claim_somebody_elses_account(client, server, provider, stranger):
    type(provider).unscoped.update(domains=["globex.example"])

    answer = come(client, server, provider, email=stranger.email, email_verified=True)

    assert answer.status_code == 403
    assert not SocialAccount.objects.exists()
    assert client.get("/t/globex/").status_code == 302


def test_an_address_that_a_server_claimed_first_is_not_worth_anything_elsewhere(
    client,
    server,
    provider,
    other_tenant,
    worker_mails,
):
    """The server makes an account for somebody else's address; later its owner takes it over."""
    come(client, server, provider, **KIM)
    kim = User.objects.get(email="kim@acme.example")
    assert not EmailAddress.objects.get(user=kim).verified

    client.post("/accounts/forgotten/", {"email": kim.email})
    assert mail.outbox[-1].to == ["kim@acme.example"]
    services.add_member(other_tenant, kim, role="owner")

    again = Client()
    come(again, server, provider, **KIM)
    assert again.get("/t/globex/")["Location"] == CLOSED


def test_another_server_makes_all_identities_void(through, both, provider, owner, access):
    services.update_sign_in(
        access(owner),
        provider,
        name="Acme login",
        kind="openid",
        server_url="https://thief.example",
        client_id="roster",
        client_secret="another",
        domains=["acme.example"],
        role=provider.role,
        is_enabled=True,
    )

    assert not SocialAccount.objects.exists()
    assert not is_in(through)


def test_a_password_before_a_failed_second_step_does_not_widen_it(server, provider, both):
    """Begun with the password, ended through the server: what was proved counts, not the try."""
    fresh = Client()
    fresh.post("/accounts/sign-in/", {"login": both.email, "password": "nonsense"})
    come(fresh, server, provider, sub="viewer-1")

    assert PASSWORD
    assert fresh.get("/t/globex/")["Location"] == CLOSED
