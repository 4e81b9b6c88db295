"""What must hold when several people share the same object in the same moment."""

import pytest
from django.db.models import F
from django.http import Http404

from agents.models import Agent, AgentUserGrant
from tenants import services
from tenants.access import Access
from tenants.models import AuditEvent, Membership
from tests.factories.agents import AgentFactory
from tests.factories.tenants import UserFactory
from tests.tenants.test_member_races import at_once
from tests.tenants.waiting import while_locked

pytestmark = pytest.mark.django_db(transaction=True)


def member(tenant, role):
    return services.add_member(tenant, UserFactory(), role=role)


def access(membership):
    return Access.of(membership.user, membership.tenant.slug)


def test_of_two_who_deny_one_another_the_first_wins(tenant):
    agent = AgentFactory(tenant=tenant)
    one, other = member(tenant, "admin"), member(tenant, "admin")

    def deny(actor, target):
        present = access(actor)
        return lambda: services.share(present, agent, target, allowed="", denied="manage")

    at_once(deny(one, other), deny(other, one))

    managing = [m for m in (one, other) if access(m).may_do(agent, "manage")]
    assert len(managing) == 1


def test_nothing_is_left_for_who_is_removed_while_being_shared_with(tenant):
    agent, owner = AgentFactory(tenant=tenant), member(tenant, "owner")
    leaving = [member(tenant, "viewer") for _ in range(4)]

    at_once(
        *(
            lambda m=m: services.share(access(owner), agent, m, allowed="manage", denied="")
            for m in leaving
        ),
        *(lambda m=m: services.remove_member(access(owner), m) for m in leaving),
    )

    assert not Membership.unscoped.filter(pk__in=[m.pk for m in leaving]).exists()
    assert not AgentUserGrant.objects.exists()


def test_the_same_decision_made_many_times_at_once_is_one(tenant):
    agent, owner, viewer = (
        AgentFactory(tenant=tenant),
        member(tenant, "owner"),
        member(tenant, "viewer"),
    )

    def share():
        return services.share(access(owner), agent, viewer, allowed="run", denied="")

    at_once(*[share] * 6)

    assert AgentUserGrant.objects.count() == 1
    assert AuditEvent.unscoped.filter(action="agent.access_changed").count() == 1


def test_what_is_deleted_meanwhile_is_not_there_to_be_shared(tenant):
    agent, owner, viewer = (
        AgentFactory(tenant=tenant),
        member(tenant, "owner"),
        member(tenant, "viewer"),
    )
    Agent.unscoped.filter(pk=agent.pk).delete()

    with pytest.raises(Http404):
        services.share(access(owner), agent, viewer, allowed="run", denied="")


def test_an_object_is_restricted_once_and_after_who_edits_it(tenant):
    agent, owner = AgentFactory(tenant=tenant), member(tenant, "owner")
    one = Agent.unscoped.filter(pk=agent.pk)

    def restrict():
        return services.restrict(access(owner), agent, is_restricted=True)

    waited, _ = while_locked(lambda: one.update(version=F("version") + 1), restrict)
    at_once(*[restrict] * 4)

    assert waited
    assert one.get().version == agent.version + 2
    assert AuditEvent.unscoped.filter(action="agent.access_changed").count() == 1


def test_what_somebody_else_edits_meanwhile_is_not_waited_for(tenant):
    agent, other = AgentFactory.create_batch(2, tenant=tenant)
    owner = member(tenant, "owner")

    waited, answer = while_locked(
        lambda: Agent.unscoped.select_for_update(of=("self",)).get(pk=other.pk),
        lambda: services.restrict(access(owner), agent, is_restricted=True),
    )

    assert not waited
    assert answer.result().is_restricted
