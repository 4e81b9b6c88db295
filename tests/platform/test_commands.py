"""`manage.py create_tenant` and `create_platform_admin`."""

import io

import pytest
from django.core.management import CommandError, call_command

from tenants.models import Invitation, Tenant, User

pytestmark = pytest.mark.django_db


def run(*words):
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_the_command_does_the_same():
    told = run("create_tenant", "--name=Initech", "--slug=initech", "--owner=p@initech.example")

    assert "/t/initech/" in told
    assert "p@initech.example is invited by mail" in told
    assert Invitation.unscoped.get(tenant__slug="initech").role.slug == "owner"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--slug=acme"], "--slug: Another organisation"),
        (["--slug=admin"], "--slug: Roster keeps"),
        (["--slug=A B"], "--slug: Enter a valid"),
        (["--owner=nobody"], "--owner: 'nobody' is no e-mail"),
        (["--name="], "--name: This field cannot be blank"),
        (["--time-zone=Mars"], "--time-zone: There is no such"),
    ],
)
def test_wrong_use_of_the_command_ends_with_status_2(tenant, words, told):
    given = {"--name": "I", "--slug": "initech", "--owner": "p@initech.example"}
    given |= dict(word.split("=", 1) for word in words)

    with pytest.raises(CommandError, match=told) as refused:
        run("create_tenant", *(f"{name}={value}" for name, value in given.items()))

    assert (
        getattr(refused.value, "returncode", 2) in (1, 2)
        if not words
        else refused.value.returncode == 2
    )
    assert Tenant.objects.count() == 1


def test_in_production_an_invitation_needs_an_address(settings):
    settings.ROSTER_ENV = "production"

    with pytest.raises(CommandError, match="ROSTER_URL"):
        run("create_tenant", "--name=I", "--slug=initech", "--owner=p@initech.example")


def test_a_platform_admin_is_made_and_unmade(viewer):
    run("create_platform_admin", viewer.email.upper())
    viewer.refresh_from_db()
    assert (viewer.is_platform_admin, viewer.is_superuser) == (True, False)

    run("create_platform_admin", viewer.email, "--revoke")
    viewer.refresh_from_db()
    assert not viewer.is_platform_admin


def test_a_platform_admin_without_account_gets_a_password_once(client):
    password = run("create_platform_admin", "new@roster.example").rsplit(": ", 1)[1].strip()

    assert User.objects.get(email="new@roster.example").check_password(password)
    assert "shown once" not in run("create_platform_admin", "new@roster.example")


@pytest.mark.parametrize("words", [["nobody"], ["nobody@roster.example", "--revoke"]])
def test_wrong_use_makes_no_platform_admin(db, words):
    with pytest.raises(CommandError) as refused:
        run("create_platform_admin", *words)

    assert refused.value.returncode == 2
    assert not User.objects.filter(is_platform_admin=True).exists()
