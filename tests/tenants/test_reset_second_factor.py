"""An operator's help for somebody who has lost phone, passkeys and recovery codes."""

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.management import CommandError, call_command

from tenants import services
from tenants.models import AuditEvent
from tests.tenants.accounts_kit import add_app, add_passkey, sign_in

pytestmark = pytest.mark.django_db


def test_the_password_alone_opens_the_account_again(
    signed_in, client, person, owner, other_tenant, django_capture_on_commit_callbacks, capsys
):
    services.add_member(other_tenant, person, role="editor")
    add_app(person)
    add_passkey(person)
    add_app(owner)

    with django_capture_on_commit_callbacks(execute=True):
        call_command("reset_second_factor", f" {person.email.upper()}")

    assert "recovery_codes: 1, totp: 1, webauthn: 1" in capsys.readouterr().out
    assert signed_in.get("/t/acme/").status_code == 302
    assert sign_in(client, person)["Location"] == "/"
    assert set(Authenticator.objects.values_list("user", flat=True)) == {owner.pk}
    events = AuditEvent.unscoped.filter(action="member.second_factor_reset")
    assert {event.tenant.slug for event in events} == {"acme", "globex"}
    assert [message.to for message in mail.outbox] == [[person.email]]
    assert "manage.py reset_second_factor" in mail.outbox[0].body


def test_whoever_has_none_stays_signed_in(signed_in, person, capsys):
    call_command("reset_second_factor", person.email)

    assert "nothing was changed" in capsys.readouterr().out
    assert signed_in.get("/t/acme/").status_code == 200
    assert not AuditEvent.unscoped.filter(action="member.second_factor_reset").exists()


def test_an_address_without_account_is_said_to_be_one(db):
    with pytest.raises(CommandError, match="no account for nobody") as refusal:
        call_command("reset_second_factor", "nobody@acme.example")

    assert refusal.value.returncode == 1
