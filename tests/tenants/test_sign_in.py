import re

import pytest
from axes.models import AccessAttempt
from django.test import Client

from tenants.models import User

PASSWORD = "correct horse battery"
URL = "/accounts/sign-in/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(owner):
    owner.set_password(PASSWORD)
    owner.save()
    return owner


def sign_in(client, email, password=PASSWORD, **extra):
    return client.post(URL, {"login": email, "password": password, **extra})


def test_the_right_password_leads_into_the_organisation(client, person):
    response = sign_in(client, person.email)

    assert response.status_code == 302
    assert client.get(response["Location"])["Location"] == "/t/acme/"


def test_the_address_is_read_in_any_case(client, person):
    assert sign_in(client, person.email.upper()).status_code == 302


def test_a_session_is_new_after_sign_in(client, person):
    client.get(URL)
    before = client.session.session_key

    sign_in(client, person.email)

    assert client.session.session_key != before


def test_a_wrong_password_and_an_unknown_person_look_the_same(client, person):
    wrong = sign_in(client, person.email, "nonsense")
    unknown = sign_in(client, "nobody@acme.example", "nonsense")

    assert wrong.status_code == unknown.status_code == 422
    assert b"do not match" in wrong.content
    assert b"do not match" in unknown.content


def test_nobody_signs_up_and_nobody_learns_who_has_an_account(client, person):
    people = User.objects.count()
    form = {"password1": PASSWORD, "password2": PASSWORD}

    known = client.post("/accounts/sign-up/", {"email": person.email, **form})
    unknown = client.post("/accounts/sign-up/", {"email": "nobody@acme.example", **form})

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert User.objects.count() == people


def test_a_closed_account_and_a_wrong_password_look_the_same(client, person):
    wrong = sign_in(client, person.email, "nonsense")
    person.is_active = False
    person.save()

    closed = sign_in(client, person.email)

    assert closed.status_code == wrong.status_code == 422
    told = [
        re.sub(rb'csrfmiddlewaretoken" value="\w+', b"", one.content) for one in (wrong, closed)
    ]
    assert told[0] == told[1]


def test_sign_in_leads_to_where_one_was_going(client, person):
    response = sign_in(client, person.email, next="/t/acme/agents/")

    assert response["Location"] == "/t/acme/agents/"


@pytest.mark.parametrize(
    "elsewhere", ["https://thief.example/", "//thief.example", "/\\thief.example"]
)
def test_sign_in_leads_nowhere_else(client, person, elsewhere):
    assert sign_in(client, person.email, next=elsewhere)["Location"] == "/"


def test_five_failures_lock_out_every_spelling_of_the_address(client, person):
    for spelling in (str.lower, str.upper, str.title, str.lower, str.upper):
        response = sign_in(client, spelling(person.email), "nonsense")

    assert response.status_code == 429
    assert b"Too many attempts" in response.content
    assert sign_in(client, person.email).status_code == 429
    assert AccessAttempt.objects.count() == 1


def test_the_password_is_not_shown_again(client, person):
    response = sign_in(client, person.email, "a-wrong-one")

    assert b"a-wrong-one" not in response.content


def test_a_form_without_its_token_is_refused_with_an_explanation(person):
    response = sign_in(Client(enforce_csrf_checks=True), person.email)

    assert response.status_code == 403
    assert b"This form has expired" in response.content


def test_signed_out_pages_ask_to_sign_in(client, tenant):
    response = client.get("/t/acme/jobs/")

    assert response.status_code == 302
    assert response["Location"] == f"{URL}?next=/t/acme/jobs/"


def test_who_is_signed_in_passes_the_sign_in_page(page, owner):
    assert page(owner).get(URL).status_code == 302


def test_signing_out_is_a_post_and_ends_the_session(page, owner):
    client = page(owner)

    assert client.get("/accounts/sign-out/").status_code == 405
    assert client.post("/accounts/sign-out/")["Location"] == URL
    assert client.get("/t/acme/").status_code == 302
