"""What a browser says of a passkey, when it is not a browser that says it."""

import json

import pytest

from tests.tenants.accounts_kit import add_app, confirm, sign_in

pytestmark = pytest.mark.django_db
SIGNED = {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "userHandle": "AA"}
MADE = {"clientDataJSON": "e30", "attestationObject": "AA"}
WHOLE = {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
ANSWERS = ["", "null", "[]", "{}", "7", "[" * 5_000, *map(json.dumps, (
    {"id": 1}, {**WHOLE, "rawId": 7}, {**WHOLE, "response": None}, {**WHOLE, "response": {}},
    {**WHOLE, "response": SIGNED}, {**WHOLE, "response": MADE},
    {**WHOLE, "response": {**SIGNED, "userHandle": "\0"}},
))]  # fmt: skip


def test_the_way_in_stays_closed(client):
    for answer in ANSWERS:
        client.get("/accounts/sign-in/passkey/")
        refused = client.post("/accounts/sign-in/passkey/", {"credential": answer})
        assert refused.status_code in (302, 422), answer

    assert "_auth_user_id" not in client.session


def test_the_second_step_stays_closed(client, person):
    add_app(person)
    sign_in(client, person)

    for answer in ANSWERS:
        refused = client.post("/accounts/sign-in/code/", {"credential": answer})
        assert refused.status_code in (200, 422), answer

    assert client.get("/t/acme/").status_code == 302


def test_none_is_added(signed_in, person):
    confirm(signed_in)

    for answer in ANSWERS:
        signed_in.get("/accounts/second-factor/passkeys/new/")
        form = {"name": "Laptop", "credential": answer}
        assert signed_in.post("/accounts/second-factor/passkeys/new/", form).status_code == 422
