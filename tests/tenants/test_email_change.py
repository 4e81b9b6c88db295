"""Another address to sign in with, once its mailbox has confirmed it."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from tests.tenants.accounts_kit import ANOTHER, PASSWORD, confirm, link_in_mail, sign_in

pytestmark = pytest.mark.django_db
URL = "/accounts/e-mail/"
NEW = "viewer@new.example"


def wish(client, email=NEW):
    confirm(client)
    return client.post(URL, {"email": email, "action_add": ""})


def test_the_new_address_counts_once_it_is_confirmed(signed_in, person):
    wish(signed_in)
    link = link_in_mail()
    assert sign_in(Client(), NEW).status_code == 422

    signed_in.get(link)
    signed_in.post(link)

    assert sign_in(Client(), NEW).status_code == 302
    assert sign_in(Client(), "viewer@acme.example").status_code == 422


def test_a_look_at_the_link_changes_nothing(signed_in, person):
    wish(signed_in)

    signed_in.get(link_in_mail())

    person.refresh_from_db()
    assert person.email == "viewer@acme.example"


def test_a_new_password_ends_what_waits_for_another_address(signed_in, person):
    """Whoever asked for it may be whom the new password is to shut out."""
    wish(signed_in)
    link, new = link_in_mail(), {"password1": ANOTHER, "password2": ANOTHER}
    signed_in.post("/accounts/password/", {"oldpassword": PASSWORD, **new})

    Client().post(link)

    person.refresh_from_db()
    assert person.check_password(ANOTHER)
    assert person.email == "viewer@acme.example"


def test_the_former_address_is_told(signed_in, person, django_capture_on_commit_callbacks):
    wish(signed_in)
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(link_in_mail())

    assert mail.outbox[-1].to == ["viewer@acme.example"]
    assert f"You sign in with {NEW} now" in mail.outbox[-1].body


def test_it_asks_for_the_password_first(signed_in, person):
    response = signed_in.post(URL, {"email": NEW, "action_add": ""})

    assert response["Location"].startswith("/accounts/confirm/")
    assert not EmailAddress.objects.filter(email=NEW).exists()


def test_the_present_address_stays_though_it_was_never_confirmed(signed_in, person):
    wish(signed_in)
    wish(signed_in, "third@new.example")

    person.refresh_from_db()
    assert person.email == "viewer@acme.example"
    assert {a.email for a in EmailAddress.objects.filter(user=person)} == {
        "viewer@acme.example",
        "third@new.example",
    }


def test_an_address_that_somebody_has_is_not_told_and_can_not_be_taken(signed_in, person, owner):
    taken = wish(signed_in, owner.email)
    free = wish(signed_in)

    assert taken.status_code == free.status_code == 302
    signed_in.post(link_in_mail(0))
    person.refresh_from_db()
    assert person.email == "viewer@acme.example"


def test_a_link_works_once_and_for_its_own_address(signed_in, person):
    wish(signed_in)
    link = link_in_mail()
    signed_in.post(link)

    assert signed_in.post(link).status_code == 404
    assert signed_in.post(f"{URL}forged:token/").status_code == 404
    assert b"can\xe2\x80\x99t be used" in signed_in.get(link).content


def test_a_forged_host_does_not_get_into_the_link(signed_in, person, settings):
    settings.ROSTER_URL = "https://roster.example"

    confirm(signed_in)
    signed_in.post(
        URL,
        {"email": NEW, "action_add": ""},
        headers={"X-Forwarded-Host": "thief.example"},
    )

    assert "https://roster.example/accounts/e-mail/" in mail.outbox[-1].body


def test_the_present_address_is_confirmed_by_a_link_to_it(signed_in, person):
    signed_in.get(URL)

    signed_in.post(URL, {"email": person.email, "action_send": ""})
    signed_in.post(link_in_mail())

    assert EmailAddress.objects.get(user=person).verified


def test_mails_are_few(signed_in, person):
    signed_in.get(URL)
    asked = {"email": person.email, "action_send": ""}

    assert [signed_in.post(URL, asked).status_code for _ in range(6)] == [302] * 5 + [429]


@pytest.mark.parametrize("wrong", ["", "nonsense", "a@b", "viewer@acme.example"])
def test_what_is_no_new_address_is_refused(signed_in, person, wrong):
    assert wish(signed_in, wrong).status_code == 422
