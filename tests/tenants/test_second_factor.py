"""Authenticator apps and recovery codes: setting up, signing in with them, what is stored."""

import re
from urllib.parse import unquote

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from tests.tenants.accounts_kit import (
    ANOTHER,
    PASSWORD,
    add_app,
    code_of,
    confirm,
    link_in_mail,
    recovery_codes_of,
    sign_in,
)

pytestmark = pytest.mark.django_db
FACTORS = "/accounts/second-factor/"
CODE = "/accounts/sign-in/code/"


def set_up(client):
    """Through the pages; the page with the codes."""
    confirm(client)
    form = client.get(f"{FACTORS}app/")
    code = code_of(re.search(r"<code>([A-Z2-7]+)</code>", form.content.decode())[1])
    return code, client.post(f"{FACTORS}app/", {"code": code}, follow=True)


def test_an_app_is_set_up_and_its_codes_are_shown_once(signed_in, person):
    _, page = set_up(signed_in)

    codes = re.search(r'<pre class="codes">(.*?)</pre>', page.content.decode(), re.DOTALL)[
        1
    ].split()
    assert codes == recovery_codes_of(person)
    assert len(codes) == 10
    again = signed_in.get(f"{FACTORS}codes/").content.decode()
    assert codes[0] not in again
    assert "can’t be shown again" in again


def test_the_codes_can_be_downloaded(signed_in, person):
    _, page = set_up(signed_in)

    file = unquote(re.search(r'href="data:text/plain,([^"]+)"', page.content.decode())[1])
    assert file.split() == recovery_codes_of(person)


def test_a_dump_of_the_sessions_has_no_key_of_an_app_that_is_being_set_up(signed_in):
    confirm(signed_in)
    form = signed_in.get(f"{FACTORS}app/").content.decode()
    key = re.search(r"<code>([A-Z2-7]+)</code>", form)[1]

    row = Session.objects.get(pk=signed_in.session.session_key)

    # Whoever has Django's key besides: it only signs what a session says, and hides nothing.
    assert key in str(signed_in.session.items())
    assert row.get_decoded() == {}
    assert row.session_data.startswith("test:")


def test_a_session_that_no_key_opens_is_signed_out(signed_in, settings):
    settings.SECRET_KEYS = "another:" + "C" * 42 + "A="

    assert "/sign-in/" in signed_in.get("/t/acme/")["Location"]


def test_the_first_code_opens_nothing_after_that(
    signed_in, person, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        code, _ = set_up(signed_in)
    fresh = Client()
    sign_in(fresh, person)

    assert fresh.post(CODE, {"code": code}).status_code == 422


def test_a_wrong_first_code_sets_nothing_up(signed_in, person):
    confirm(signed_in)
    signed_in.get(f"{FACTORS}app/")

    assert signed_in.post(f"{FACTORS}app/", {"code": "000000"}).status_code == 422
    assert not Authenticator.objects.exists()


def test_setting_up_asks_for_the_password_first(signed_in):
    assert signed_in.get(f"{FACTORS}app/")["Location"].startswith("/accounts/confirm/")


def test_it_is_told_to_the_person(signed_in, person, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        set_up(signed_in)

    assert "An authenticator app was added" in mail.outbox[-1].body


def test_the_password_alone_opens_nothing_then(client, person):
    key = add_app(person)

    response = sign_in(client, person, next="/t/acme/jobs/")

    assert response["Location"] == CODE
    assert "/sign-in/" in client.get("/t/acme/")["Location"]
    done = client.post(CODE, {"code": code_of(key)})
    assert done["Location"] == "/t/acme/jobs/"
    assert client.get("/t/acme/").status_code == 200


def test_the_session_is_new_after_the_second_step_too(client, person):
    key = add_app(person)
    sign_in(client, person)
    before = client.session.session_key

    client.post(CODE, {"code": code_of(key)})

    assert client.session.session_key != before


def test_a_code_works_once_in_every_process(client, person, settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    key, other = add_app(person), Client()
    for one in (client, other):
        sign_in(one, person)

    code = code_of(key)

    assert client.post(CODE, {"code": code}).status_code == 302
    assert other.post(CODE, {"code": code}).status_code == 422
    assert other.post(CODE, {"code": code_of(key, 1)}).status_code == 302


@pytest.mark.parametrize("steps", [-5, 5])
def test_a_code_of_another_time_opens_nothing(client, person, steps):
    key = add_app(person)
    sign_in(client, person)

    assert client.post(CODE, {"code": code_of(key, steps)}).status_code == 422


def test_a_recovery_code_works_once(client, person):
    add_app(person)
    code = recovery_codes_of(person)[3]
    sign_in(client, person)
    assert client.post(CODE, {"code": code}).status_code == 302

    again = Client()
    sign_in(again, person)

    assert again.post(CODE, {"code": code}).status_code == 422


def test_new_recovery_codes_void_the_old(signed_in, person):
    add_app(person)
    old = recovery_codes_of(person)
    confirm(signed_in)

    signed_in.post(f"{FACTORS}codes/new/")

    assert not set(old) & set(recovery_codes_of(person))


def test_the_second_step_without_the_first_leads_back(client, person):
    key = add_app(person)

    assert client.post(CODE, {"code": code_of(key)})["Location"] == "/accounts/sign-in/"


def test_a_new_password_by_mail_does_not_replace_the_second_factor(client, person, worker_mails):
    add_app(person)
    client.post("/accounts/forgotten/", {"email": person.email})
    form = client.get(link_in_mail(), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": ANOTHER, "password2": ANOTHER})

    assert sign_in(client, person, ANOTHER)["Location"] == CODE


def test_no_seed_stands_in_the_database(person):
    key = add_app(person)

    stored = str(list(Authenticator.objects.values_list("data", flat=True)))
    assert key not in stored
    assert not set(recovery_codes_of(person)) & set(re.findall(r"\d{8}", stored))
    assert stored.count("test:") == 2


def test_a_wrong_password_does_not_lead_to_the_second_step(client, person):
    add_app(person)

    assert sign_in(client, person, "nonsense").status_code == 422
    assert sign_in(client, person, PASSWORD).status_code == 302


def test_taking_the_app_away_takes_the_codes_too(signed_in, person):
    add_app(person)
    confirm(signed_in)

    signed_in.post(f"{FACTORS}app/remove/")

    assert not Authenticator.objects.filter(user=person).exists()
