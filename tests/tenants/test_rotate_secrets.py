"""Sealing everything anew with the operator's newest key."""

import os
import re
import signal
import subprocess
import sys
import time
from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from tenants import rotation, secrets, services
from tenants.idempotency import place_of
from tenants.models import KeptAnswer, Secret
from tests.factories.tenants import ApiKeyFactory, SecretFactory
from tests.tenants.accounts_kit import add_app, code_of, recovery_codes_of

OLD = "old:" + "A" * 43 + "="
NEW = "new:" + "B" * 42 + "A="
BOTH = f"{NEW},{OLD}"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def an_old_key(settings):
    settings.SECRET_KEYS = OLD


@pytest.fixture
def renewed(settings):
    """`renewed()`: from now on there is a newer key."""
    return lambda: setattr(settings, "SECRET_KEYS", BOTH)


def run(*arguments):
    out = StringIO()
    call_command("rotate_secrets", *arguments, stdout=out)
    return out.getvalue()


def values():
    return sorted(secrets.reveal(secret) for secret in Secret.unscoped.all())


def make(tenant, count):
    for number in range(count):
        SecretFactory(tenant=tenant, value=f"value number {number:03}")
    return values()


def test_afterwards_the_old_key_is_needed_no_longer(tenant, renewed, settings):
    before = make(tenant, 5)
    renewed()

    told = run("--batch", "2")
    settings.SECRET_KEYS = NEW

    assert values() == before
    assert told.splitlines() == [f"{done} of 5 sealed anew" for done in (2, 4, 5)]


def test_answers_that_are_kept_for_programs_are_sealed_anew_too(tenant, owner, renewed):
    key = ApiKeyFactory(tenant=tenant, user=owner)
    place = place_of(tenant.pk, key.pk, "once")
    sealed_by, sealed = secrets.seal_bytes(b"answer", place)
    KeptAnswer.unscoped.create(
        tenant=tenant, key=key, name="once", sealed=sealed, sealed_by=sealed_by, status=200,
        fingerprint=b"", expires_at=timezone.now(),
    )  # fmt: skip
    renewed()

    run()

    kept = KeptAnswer.unscoped.get()
    assert kept.sealed_by == "new"
    assert secrets.open_bytes("new", bytes(kept.sealed), place) == b"answer"


def test_second_factors_go_on_working(owner, renewed, settings):
    key = add_app(owner)
    codes = recovery_codes_of(owner)
    renewed()

    run()
    settings.SECRET_KEYS = NEW

    app = Authenticator.objects.get(user=owner, type="totp").wrap()
    assert app.validate_code(code_of(key))
    assert recovery_codes_of(owner) == codes
    assert rotation.keys_in_use() == {"new": 2}


def test_the_check_counts_by_key_and_changes_nothing(tenant, renewed):
    make(tenant, 3)
    renewed()
    SecretFactory(tenant=tenant)
    out = StringIO()

    with pytest.raises(CommandError, match="3 values are on older keys"):
        call_command("rotate_secrets", "--check", stdout=out)

    assert out.getvalue().splitlines() == ["new (the newest): 1", "old: 3"]


def test_the_check_is_content_when_all_is_done(tenant, renewed):
    make(tenant, 1)
    renewed()
    run()

    assert run("--check") == "new (the newest): 1\n"
    assert run() == "Everything is on the newest key already.\n"


def test_what_no_key_opens_is_named_and_the_rest_is_done(tenant, renewed):
    make(tenant, 3)
    broken = Secret.unscoped.order_by("pk")[1]
    Secret.unscoped.filter(pk=broken.pk).update(sealed=b"x" * 40)
    renewed()

    with pytest.raises(CommandError, match=str(broken.pk)):
        run("--batch", "1")

    assert Secret.unscoped.filter(key_id="new").count() == 2


def test_who_set_a_secret_and_when_stays(tenant, renewed):
    secret = SecretFactory(tenant=tenant)
    before = Secret.unscoped.values("updated_at", "replaced_at", "last_used_at", "ends_in").get()
    renewed()

    run()

    after = Secret.unscoped.values("updated_at", "replaced_at", "last_used_at", "ends_in").get()
    assert before == after
    assert Secret.unscoped.get().pk == secret.pk


def test_a_value_that_is_replaced_meanwhile_is_not_lost(
    tenant, owner, access, renewed, monkeypatch
):
    make(tenant, 2)
    renewed()
    chosen = rotation._next_rows

    def replaced_behind_our_back(*arguments):
        rows = chosen(*arguments)
        for secret in Secret.unscoped.filter(pk__in=rows):
            services.replace_secret(access(owner), secret, value="the newer value")
        return rows

    monkeypatch.setattr(rotation, "_next_rows", replaced_behind_our_back)
    run()

    assert values() == ["the newer value"] * 2


def test_renaming_what_was_read_before_does_not_bring_the_old_key_back(
    tenant, owner, access, renewed
):
    stale = SecretFactory(tenant=tenant, value="the value")
    renewed()
    run()

    services.replace_secret(access(owner), stale, name="Another name")

    secret = Secret.unscoped.get()
    assert (secret.name, secret.key_id) == ("Another name", "new")
    assert secrets.reveal(secret) == "the value"


def is_connected(name):
    """Whether the server still has the connection of an application of this name."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM pg_stat_activity WHERE application_name = %s", [name])
        return cursor.fetchone() is not None


@pytest.mark.django_db(transaction=True)
def test_a_rotation_that_was_killed_goes_on_where_it_was(tenant, renewed, settings):
    before = make(tenant, 300)
    url = re.sub(r"/[^/?]+(?=\?|$)", f"/{connection.settings_dict['NAME']}",
                 os.environ["DATABASE_URL"], count=1)  # fmt: skip
    name = f"rotating in {connection.settings_dict['NAME']}"
    environment = {**os.environ, "DATABASE_URL": url, "ROSTER_SECRET_KEYS": BOTH, "PGAPPNAME": name}
    with transaction.atomic():
        Secret.unscoped.select_for_update().latest("pk")  # so it can't come to its end
        process = subprocess.Popen(
            [sys.executable, "manage.py", "rotate_secrets", "--batch", "1"],
            env=environment, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        with process:
            for _ in range(3):
                process.stdout.readline()
            assert is_connected(name)
            process.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 60
    while is_connected(name):  # what it had sent may still be done
        assert time.monotonic() < deadline
        time.sleep(0.02)
    left = rotation.keys_in_use()["old"]

    renewed()
    assert 0 < left < 300
    assert values() == before
    assert run().splitlines()[-1] == f"{left} of {left} sealed anew"
    settings.SECRET_KEYS = NEW
    assert values() == before
