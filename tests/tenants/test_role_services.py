"""Making and deleting roles: which others have them, and what they are called in addresses."""

import pytest

from tenants import granting, inviting, services
from tenants.models import Invitation, Role
from tenants.versions import VersionMoved, version_of
from tests.factories.tenants import SignInProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def make(access, owner):
    """`make("Desk")`: a role that sees agents."""
    return lambda label, capabilities=("view_agents",): services.create_role(
        access(owner), label=label, capabilities=capabilities
    )


def invite(role):
    invitation = Invitation(tenant=role.tenant, role=role, delivery="link")
    inviting.renew(invitation, 1)
    invitation.save()
    return invitation


def sign_in(role):
    return SignInProviderFactory(tenant=role.tenant, role=role)


@pytest.mark.parametrize("use", [invite, sign_in])
def test_what_gives_a_role_to_newcomers_gets_another_and_nothing_else_does(
    access, owner, tenant, make, use
):
    desk, till, viewer = make("Desk"), make("Till"), Role.unscoped.get(tenant=tenant, slug="viewer")
    of_desk, of_till = use(desk), use(till)

    with pytest.raises(services.RoleInUse):
        services.delete_role(access(owner), desk)
    services.delete_role(access(owner), desk, move_to=viewer)

    for row, role in ((of_desk, viewer), (of_till, till)):
        row.refresh_from_db()
        assert row.role == role


def test_names_without_a_letter_and_long_ones_make_slugs_too(make):
    long = "Everybody who looks after the front desk on Saturdays "

    slugs = [
        make(label).slug for label in ("前台", "客服", "収銀", f"{long}1", f"{long}2", f"{long}3")
    ]

    assert slugs == [
        "role", "role-2", "role-3",
        *(f"everybody-who-looks-after-the-front-desk-on-saturd{n}" for n in ("", "-2", "-3")),
    ]  # fmt: skip


def test_a_role_holds_what_was_chosen_last(access, owner, make):
    desk = make("Desk", ["view_agents", "view_audit"])

    services.update_role(access(owner), desk, label="Desk", capabilities=["view_agents"])
    assert granting.capabilities_of(desk) == {"view_agents"}
    services.update_role(access(owner), desk, label="Desk", capabilities=["view_audit"])
    assert granting.capabilities_of(desk) == {"view_audit"}


def test_a_change_meets_somebody_elses(access, owner, make):
    desk = make("Desk")
    met = version_of(desk)
    services.update_role(access(owner), desk, label="Theirs", capabilities=[])

    with pytest.raises(VersionMoved):
        services.update_role(
            access(owner), desk, label="Mine", capabilities=[], expected_version=met
        )

    desk.refresh_from_db()
    assert desk.label == "Theirs"
