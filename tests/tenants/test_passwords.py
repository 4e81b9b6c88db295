"""Changing a password, and choosing a new one through a link by mail."""

from datetime import timedelta

import pytest
from allauth.account.forms import default_token_generator
from django.core import mail
from django.test import Client

from tests.tenants.accounts_kit import ANOTHER, PASSWORD, link_in_mail, sign_in

pytestmark = pytest.mark.django_db
CHANGE = "/accounts/password/"
FORGOTTEN = "/accounts/forgotten/"
NEW = {"password1": ANOTHER, "password2": ANOTHER}


@pytest.fixture
def link(client, person, worker_mails):
    client.post(FORGOTTEN, {"email": person.email})
    return link_in_mail()


def test_who_knows_the_password_changes_it(signed_in, person):
    response = signed_in.post(CHANGE, {"oldpassword": PASSWORD, **NEW})

    assert response["Location"] == "/accounts/profile/"
    assert sign_in(Client(), person, ANOTHER).status_code == 302
    assert sign_in(Client(), person, PASSWORD).status_code == 422


def test_a_change_ends_the_other_sessions_and_not_this_one(signed_in, person):
    other = Client()
    sign_in(other, person)

    signed_in.post(CHANGE, {"oldpassword": PASSWORD, **NEW})

    assert signed_in.get("/t/acme/").status_code == 200
    assert "/sign-in/" in other.get("/t/acme/")["Location"]


def test_a_change_is_told_to_the_person(signed_in, person, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        signed_in.post(CHANGE, {"oldpassword": PASSWORD, **NEW})

    assert mail.outbox[-1].to == [person.email]
    assert "Your password was changed." in mail.outbox[-1].body


@pytest.mark.parametrize(
    "wrong",
    [
        {"oldpassword": "nonsense", **NEW},
        {"oldpassword": PASSWORD, "password1": ANOTHER, "password2": "different from it"},
        {"oldpassword": PASSWORD, "password1": "short", "password2": "short"},
        {"oldpassword": PASSWORD, "password1": "", "password2": ""},
    ],
)
def test_what_is_wrong_is_told_and_changes_nothing(signed_in, person, wrong):
    assert signed_in.post(CHANGE, wrong).status_code == 422

    assert sign_in(Client(), person, PASSWORD).status_code == 302


def test_the_present_password_is_guessed_a_few_times_only(signed_in):
    answers = [
        signed_in.post(CHANGE, {"oldpassword": f"guess {n}", **NEW}).status_code for n in range(31)
    ]

    assert answers[0] == 422
    assert answers[-1] == 429


def test_a_link_by_mail_sets_a_new_password(client, person, link):
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], NEW)

    assert sign_in(Client(), person, ANOTHER).status_code == 302
    assert mail.outbox[-1].to == [person.email]


def test_a_reset_ends_every_session(client, person, worker_mails):
    elsewhere = Client()
    sign_in(elsewhere, person)
    client.post(FORGOTTEN, {"email": person.email})

    form = client.get(link_in_mail(), follow=True)
    client.post(form.redirect_chain[-1][0], NEW)

    assert "/sign-in/" in elsewhere.get("/t/acme/")["Location"]


def test_a_token_is_not_in_the_log(client, link, caplog):
    client.get(link)

    assert link.split("-")[-1] not in caplog.text
    assert "/accounts/forgotten/" in caplog.text


def test_a_link_works_once(client, person, link):
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], NEW)

    again = Client().get(link)

    assert b"This link can\xe2\x80\x99t be used" in again.content


def test_a_link_is_too_old_after_an_hour(client, person, monkeypatch):
    token = default_token_generator.make_token(person)
    later = default_token_generator._now() + timedelta(minutes=61)
    monkeypatch.setattr(default_token_generator, "_now", lambda: later)

    assert b"can\xe2\x80\x99t be used" in client.get(f"{FORGOTTEN}{person.pk.hex}-{token}/").content


@pytest.mark.parametrize(
    "forged",
    ["{uid}-None/", "{uid}-null/", "{uid}-0/", "{uid}-set-password/", "{uid}-%00/", "{uid}-a-b-c/",
     "0-{token}/", "None-{token}/", "zzzz-{token}/", "{uid}-{token}x/", "{other}-{token}/"],
)  # fmt: skip
def test_a_forged_link_opens_nothing(client, person, owner, forged):
    token = default_token_generator.make_token(person)
    path = forged.format(uid=person.pk.hex, other=owner.pk.hex, token=token)

    answer = client.post(f"{FORGOTTEN}{path}", NEW)

    assert answer.status_code in (200, 400, 404)
    for one in (person, owner):
        before = one.password
        one.refresh_from_db()
        assert one.password == before


def test_a_link_is_void_when_the_address_has_changed(client, person, link):
    person.email = "elsewhere@acme.example"
    person.save()

    assert b"can\xe2\x80\x99t be used" in client.get(link).content


def test_nobody_learns_whether_an_address_has_an_account(client, person, worker_mails):
    known = client.post(FORGOTTEN, {"email": person.email}, follow=True)
    unknown = client.post(FORGOTTEN, {"email": "nobody@acme.example"}, follow=True)

    assert known.content == unknown.content
    assert known.redirect_chain == unknown.redirect_chain
    assert [message.to for message in mail.outbox] == [[person.email]]


def test_the_web_does_the_same_work_for_every_address(
    client, person, monkeypatch, django_assert_num_queries
):
    asked = []
    monkeypatch.setattr(
        "tenants.services.accounts.current_app.send_task",
        lambda name, args, **options: asked.append((name, args[0])),
    )
    counts = []
    for email in (person.email, "nobody@acme.example"):
        with django_assert_num_queries(2) as counted:
            client.post(FORGOTTEN, {"email": email})
        counts.append(len(counted))

    assert asked == [
        ("tenants.mail_reset_link", person.email),
        ("tenants.mail_reset_link", "nobody@acme.example"),
    ]


def test_a_closed_account_gets_no_mail(client, person, worker_mails):
    person.is_active = False
    person.save()

    client.post(FORGOTTEN, {"email": person.email})

    assert mail.outbox == []


def test_a_forged_host_does_not_get_into_the_link(client, person, worker_mails, settings):
    settings.ROSTER_URL, settings.ALLOWED_HOSTS = "https://roster.example", ["testserver"]
    headers = {"X-Forwarded-Host": "thief.example", "X-Forwarded-Server": "thief.example"}

    client.post(FORGOTTEN, {"email": person.email}, headers=headers)
    refused = client.post(FORGOTTEN, {"email": person.email}, headers={"Host": "thief.example"})

    assert refused.status_code == 400
    assert len(mail.outbox) == 1
    assert "https://roster.example/accounts/forgotten/" in mail.outbox[0].body
    assert "thief" not in mail.outbox[0].body


def test_mails_to_one_address_are_few(client, person, worker_mails):
    answers = [client.post(FORGOTTEN, {"email": person.email}).status_code for _ in range(5)]
    unknown = [client.post(FORGOTTEN, {"email": "a@b.example"}).status_code for _ in range(5)]

    assert answers == unknown == [302, 302, 302, 429, 429]
    assert len(mail.outbox) == 3
