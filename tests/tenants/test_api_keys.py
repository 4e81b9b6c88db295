from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
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


@pytest.mark.parametrize("asked", [{"tenant": "no"}, {"role": "king"}])
def test_the_command_names_what_there_is_when_asked_for_what_there_is_not(tenant, asked):
    with pytest.raises(CommandError, match="There are: "):
        call_command("create_api_key", **{"tenant": "acme", "role": "editor", **asked})
