"""A cookie says whatever its sender likes; what no session is called is no session."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("value", [r'"\000\000\000aaaaaaaaaaaa"', r'"\355\240\200aaaaaaaaaaaa"'])
def test_a_session_that_no_database_can_look_for_is_none(client, value):
    client.cookies.load(f"sessionid={value}")

    assert client.get("/accounts/sign-in/").status_code == 200
    assert client.get("/t/acme/agents/").status_code == 302
