"""What an invitation is worth by who made it: who may lose the right to it, or the platform."""

import pytest
from django.core import mail
from django.utils import timezone

from tenants import inviting, services
from tenants.inviting import InvitationGone
from tenants.models import Membership, Role, Tenant
from tenants.platform import Platform
from tests.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def from_platform(tenant):
    """The token of an owner's invitation, which nobody of the organisation backs."""
    operator = UserFactory(is_platform_admin=True)
    services.invite_owner(
        Platform.of(operator), tenant, email="new@acme.example", base_url="https://roster.example"
    )
    return mail.outbox[0].body.partition("token=")[2].split()[0]


def test_the_platforms_invitation_needs_nobody_to_back_it(from_platform, tenant):
    assert inviting.opened_by(from_platform).tenant == tenant


def test_nor_does_it_open_an_archived_organisation(from_platform):
    Tenant.objects.update(archived_at=timezone.now())

    with pytest.raises(InvitationGone):
        inviting.opened_by(from_platform)


def test_who_still_invites_but_no_longer_to_this_role_backs_it_no_more(access, owner, tenant):
    owners, admins = (Role.unscoped.get(tenant=tenant, slug=slug) for slug in ("owner", "admin"))
    _, link = services.invite_by_link(access(owner), role=owners, days=1, base_url="")
    token = link.partition("token=")[2]
    assert inviting.opened_by(token)
    Membership.unscoped.filter(user=owner).update(role=admins)

    with pytest.raises(InvitationGone):
        inviting.opened_by(token)
