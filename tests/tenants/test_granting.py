"""Which roles a person gives, by the checks themselves: pages and services stand before them."""

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from tenants import granting, services
from tenants.access import Access
from tenants.capabilities import LABELS
from tenants.models import Membership, Role, Tenant
from tests.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def having(tenant, owner, access):
    """`having("manage_members")`: the Access of a member whose role holds just that."""

    def member(*capabilities):
        role = services.create_role(access(owner), label="Deputy", capabilities=capabilities)
        user = UserFactory()
        services.add_member(tenant, user, role=role.slug)
        return access(user)

    return member


def role(tenant, slug):
    return Role.unscoped.get(tenant=tenant, slug=slug)


def test_whoever_holds_every_right_is_no_owner_yet(tenant, having):
    deputy, owners = having(*LABELS), role(tenant, "owner")

    with pytest.raises(PermissionDenied, match="Only an owner decides"):
        granting.require_grantable(deputy, owners)
    assert owners not in granting.grantable(deputy)
    assert role(tenant, "admin") in granting.grantable(deputy)


def test_nobody_gives_what_they_do_not_hold(tenant, having):
    keeper, viewers = having("manage_members"), role(tenant, "viewer")

    with pytest.raises(PermissionDenied, match=granting.BEYOND):
        granting.require_grantable(keeper, viewers)
    assert viewers not in granting.grantable(keeper)
    granting.require_grantable(keeper, keeper.role)


def test_who_has_lost_the_right_to_decide_decides_no_more(access, admin, editor, other_tenant):
    assert granting.deciding(access(admin)).user == admin

    with pytest.raises(PermissionDenied):
        granting.deciding(access(editor))


def test_nobody_is_acted_on_in_an_archived_organisation(tenant, access, owner):
    roles = set(Role.unscoped.filter(tenant=tenant).values_list("pk", flat=True))
    assert granting.reachable(access(owner)) == roles

    Tenant.objects.filter(pk=tenant.pk).update(archived_at=timezone.now())

    assert granting.reachable(Access.of(owner, "acme")) == set()


def test_members_are_counted_by_their_role(tenant, owner, admin):
    counted = granting.with_use(Role.unscoped.filter(tenant=tenant))

    assert {role.slug: role.members for role in counted if role.members} == {"owner": 1, "admin": 1}


def test_whoever_is_no_owner_stands_in_for_none(owner, admin):
    alone = Membership.unscoped.select_related("role").get(user=owner)

    with pytest.raises(granting.LastOwner, match="Make somebody else owner first"):
        granting.require_another_owner(alone)
    granting.require_another_owner(Membership.unscoped.get(user=admin))
