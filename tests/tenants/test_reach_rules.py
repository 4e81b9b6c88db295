"""How far a session reaches, by the steps that django-allauth notes of signing in."""

from types import SimpleNamespace
from uuid import UUID

import pytest
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY

from tenants import reach

ACME, GLOBEX = (UUID(f"01990000-0000-7000-8000-00000000000{n}") for n in (1, 2))
PASSWORD = {"method": "password", "email": "kim@acme.example"}
PASSKEY = {"method": "mfa", "type": "webauthn", "passwordless": True}
SECOND_STEP = {"method": "mfa", "type": "totp"}


def through(tenant):
    return {"method": "socialaccount", "provider": reach.provider_key(tenant, UUID(int=9))}


def limit(**session):
    return reach.limit(SimpleNamespace(session=session))


def reached(*steps):
    return limit(**{AUTHENTICATION_METHODS_SESSION_KEY: [*steps]})


@pytest.mark.parametrize("own", [PASSWORD, PASSKEY])
def test_what_the_person_proved_here_opens_everything_before_and_after_a_server(own):
    assert reached(own) is None
    assert reached(own, through(ACME)) is None
    assert reached(through(ACME), own) is None


def test_an_organisations_server_opens_that_organisation():
    assert reached(through(ACME)) == ACME
    assert reached(through(ACME), SECOND_STEP) == ACME


def test_the_last_server_counts():
    assert reached(through(ACME), through(GLOBEX)) == GLOBEX


def test_a_session_of_which_nothing_is_noted_is_not_limited():
    assert limit() is None
    assert reached() is None
