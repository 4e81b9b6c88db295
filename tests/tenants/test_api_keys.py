import io
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tenants import api_keys, services
from tenants.models import ApiKey, AuditEvent, Membership
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def key(tenant, editor):
    return ApiKeyFactory(tenant=tenant, user=editor, scopes=["view_agents"])


def test_a_key_gives_its_makers_access(key, tenant, editor):
    through = api_keys.check(key.token)

    assert (through.user, through.tenant, through.key) == (editor, tenant, key)


def test_the_key_itself_is_kept_nowhere(key):
    secret = key.token.rsplit("_", 1)[1]
    row = ApiKey.unscoped.values().get()

    assert secret not in str(row)


def summed(body):
    """With the checksum that such a key would have."""
    return body + api_keys._checksum(body)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1],
        lambda token: token + "x",
        lambda token: token.swapcase(),
        lambda token: "",
        lambda token: "rst__",
        lambda token: token.replace("rst_", "abc_"),
        lambda token: "é" + token,
        lambda token: token[:-1] + "é",
        lambda token: summed(token.replace("rst_", "abc_")),
        lambda token: summed(f"{token}_more"),
    ],
)
def test_a_spoilt_key_gives_nothing_and_asks_the_database_nothing(
    key, spoil, django_assert_num_queries
):
    with django_assert_num_queries(0):
        assert api_keys.check(spoil(key.token)) is None


def test_the_right_id_with_another_secret_gives_nothing(key, tenant, editor):
    other = ApiKeyFactory(tenant=tenant, user=editor)
    body = f"rst_{key.public_id}_{other.token.split('_')[2][:-6]}"

    assert api_keys.check(body + api_keys._checksum(body)) is None


def test_a_revoked_key_gives_nothing(key):
    ApiKey.unscoped.update(revoked_at=timezone.now())

    assert api_keys.check(key.token) is None


def test_an_expired_key_gives_nothing(key):
    ApiKey.unscoped.update(expires_at=timezone.now() + timedelta(hours=1))
    assert api_keys.check(key.token)

    ApiKey.unscoped.update(expires_at=timezone.now() - timedelta(seconds=1))

    assert api_keys.check(key.token) is None


def test_a_key_dies_with_its_makers_membership(key):
    Membership.unscoped.all().delete()

    assert api_keys.check(key.token) is None


def test_last_use_is_noted_but_not_at_every_request(key, django_assert_num_queries):
    api_keys.check(key.token)
    first = ApiKey.unscoped.get().last_used_at

    with django_assert_num_queries(1):
        api_keys.check(key.token)

    assert ApiKey.unscoped.get().last_used_at == first is not None


def test_last_use_is_noted_again_after_a_minute(key):
    earlier = timezone.now() - timedelta(minutes=2)
    other = ApiKeyFactory(tenant=key.tenant, user=key.user)
    ApiKey.unscoped.update(last_used_at=earlier)

    api_keys.check(key.token)

    assert ApiKey.unscoped.get(pk=key.pk).last_used_at > earlier
    assert ApiKey.unscoped.get(pk=other.pk).last_used_at == earlier


def test_a_new_secret_leaves_the_id_and_opens_the_key_to_no_third_one(key):
    other, public_id = "A" * api_keys.SECRET_DIGITS, key.public_id
    former = key.digest
    token = api_keys.make(key)
    key.previous_digest, key.previous_ends_at = former, timezone.now() + timedelta(hours=1)
    key.save()

    assert key.public_id == public_id
    assert api_keys.check(key.token) is not None  # the former one
    assert api_keys.check(token) is not None
    assert api_keys.check(summed(f"rst_{public_id}_{other}")) is None


def test_nobody_makes_a_key_stronger_than_themselves(access, viewer):
    with pytest.raises(PermissionDenied):
        services.create_api_key(access(viewer), name="Mine", scopes=["manage_agents"])

    assert not ApiKey.unscoped.exists()


def test_making_a_key_is_audited_without_the_key(access, editor):
    _, token = services.create_api_key(access(editor), name="Mine", scopes=["run_agents"])

    event = AuditEvent.unscoped.get(action="api_key.created")
    assert token not in str(event.changes)
    assert event.changes["scopes"] == [None, ["run_agents"]]


def test_the_command_prints_a_working_key_alone_on_the_last_line(tenant, capsys):
    call_command("create_api_key", tenant="acme", role="editor")

    last = capsys.readouterr().out.splitlines()[-1]
    assert api_keys.check(last).may("change_agents")
    assert not api_keys.check(last).may("manage_members")


class Terminal(io.StringIO):
    """Where nothing may be written before it is committed."""

    def write(self, text):
        assert not connection.in_atomic_block
        return super().write(text)


@pytest.mark.django_db(transaction=True)
def test_the_command_prints_the_key_after_what_is_logged_with_the_commit(tenant):
    terminal = Terminal()

    call_command("create_api_key", tenant="acme", role="editor", stdout=terminal)

    assert api_keys.check(terminal.getvalue().splitlines()[-1])


@pytest.mark.parametrize("asked", [{"tenant": "no"}, {"role": "king"}])
def test_the_command_names_what_there_is_when_asked_for_what_there_is_not(tenant, asked):
    with pytest.raises(CommandError, match="There are: "):
        call_command("create_api_key", **{"tenant": "acme", "role": "editor", **asked})
