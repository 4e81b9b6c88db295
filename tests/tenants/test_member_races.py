"""What must hold when several people decide in the same moment."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404

from tenants import services
from tenants.access import Access
from tenants.granting import LastOwner
from tenants.inviting import InvitationGone
from tenants.models import AuditEvent, Membership, Role
from tests.factories.tenants import UserFactory

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls):
    """Call all of them in the same moment, each on its own connection; what each answered."""
    start = Barrier(len(calls))

    def run(call):
        try:
            connection.ensure_connection()
            start.wait(60)
            return call()
        except (LastOwner, InvitationGone, PermissionDenied, Http404) as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


def owners(tenant, count):
    people = [UserFactory() for _ in range(count)]
    for person in people:
        services.add_member(tenant, person, role="owner")
    return people


def remaining(tenant):
    return Membership.unscoped.filter(tenant=tenant, role__slug="owner", is_suspended=False).count()


@pytest.mark.parametrize("act", ["demote", "remove", "leave", "suspend"])
def test_owners_who_get_rid_of_one_another_leave_one(tenant, act):
    people = owners(tenant, 4)
    memberships = {m.user_id: m for m in Membership.unscoped.filter(tenant=tenant)}
    admin = Role.unscoped.get(tenant=tenant, slug="admin")

    def decide(actor, target):
        access = Access.of(actor, tenant.slug)
        member = memberships[target.pk]
        return {
            "demote": lambda: services.change_role(access, member, role=admin),
            "remove": lambda: services.remove_member(access, member),
            "leave": lambda: services.remove_member(access, memberships[actor.pk]),
            "suspend": lambda: services.suspend_member(access, member),
        }[act]

    pairs = zip(people, people[1:] + people[:1], strict=True)
    at_once(*[decide(actor, target) for actor, target in pairs])

    assert remaining(tenant) >= 1


def test_ownership_handed_over_twice_at_once_makes_one_owner(tenant):
    (owner,) = owners(tenant, 1)
    heirs = [UserFactory() for _ in range(4)]
    members = [services.add_member(tenant, heir, role="editor") for heir in heirs]
    access = Access.of(owner, tenant.slug)

    at_once(*[lambda m=m: services.transfer_ownership(access, m) for m in members])

    assert remaining(tenant) == 1


def test_two_who_let_somebody_in_at_once_are_told_as_one(tenant, owner, viewer):
    access = Access.of(owner, "acme")
    member = Membership.unscoped.get(user=viewer)
    services.suspend_member(access, member)

    at_once(*[lambda: services.unsuspend_member(access, member)] * 2)

    assert not Membership.unscoped.get(user=viewer).is_suspended
    assert AuditEvent.unscoped.filter(action="member.unsuspended").count() == 1
