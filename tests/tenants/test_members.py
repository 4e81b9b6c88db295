"""Who may decide about whom, and that it holds at once."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404

from tenants import api_keys, services
from tenants.access import Access
from tenants.granting import LastOwner
from tenants.models import ApiKey, AuditEvent, Membership, Role
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory, UserFactory

pytestmark = pytest.mark.django_db


def membership(user, tenant):
    return Membership.unscoped.get(user=user, tenant=tenant)


def role(tenant, slug):
    return Role.unscoped.get(tenant=tenant, slug=slug)


def events(tenant, *actions):
    return list(AuditEvent.unscoped.filter(tenant=tenant, action__in=actions))


def test_a_new_role_holds_with_the_next_request(access, admin, viewer, tenant):
    services.change_role(access(admin), membership(viewer, tenant), role=role(tenant, "editor"))

    assert access(viewer).may("change_agents")
    (event,) = events(tenant, "member.role_changed")
    assert event.changes == {"role": ["Viewer", "Editor"]}
    assert event.actor == admin


def test_the_role_that_a_member_has_leaves_no_trace(access, admin, viewer, tenant):
    services.change_role(access(admin), membership(viewer, tenant), role=role(tenant, "viewer"))

    assert not events(tenant, "member.role_changed")


def test_an_admin_makes_no_owner_and_touches_none(access, admin, owner, viewer, tenant):
    with pytest.raises(PermissionDenied):
        services.change_role(access(admin), membership(viewer, tenant), role=role(tenant, "owner"))
    with pytest.raises(PermissionDenied):
        services.change_role(access(admin), membership(owner, tenant), role=role(tenant, "viewer"))
    for act in (services.suspend_member, services.remove_member, services.transfer_ownership):
        with pytest.raises(PermissionDenied):
            act(access(admin), membership(owner, tenant))

    assert access(owner).is_owner


@pytest.mark.parametrize("slug", ["owner", "admin", "editor", "viewer"])
@pytest.mark.parametrize("who", ["owner", "admin"])
def test_nobody_changes_their_own_role(access, cast, tenant, who, slug):
    person = getattr(cast, who)
    services.add_member(tenant, UserFactory(), role="owner")
    mine = membership(person, tenant)
    if slug == who:
        services.change_role(access(person), mine, role=role(tenant, slug))
    else:
        with pytest.raises(PermissionDenied):
            services.change_role(access(person), mine, role=role(tenant, slug))

    assert access(person).role.slug == who
    assert not events(tenant, "member.role_changed")


def test_a_denial_of_a_role_is_not_escaped_by_a_copy_of_it(access, owner, admin, tenant):
    agent = AgentFactory(tenant=tenant)
    services.share(access(owner), agent, role(tenant, "admin"), allowed="", denied="view")
    copy = services.create_role(
        access(admin), label="Admin (copy)", capabilities=access(admin).capabilities
    )

    with pytest.raises(PermissionDenied):
        services.change_role(access(admin), membership(admin, tenant), role=copy)

    assert not access(admin).may_do(agent, "view")


def test_nor_by_deleting_the_role_that_one_has(access, owner, tenant):
    keeper, agent = UserFactory(), AgentFactory(tenant=tenant)
    held = ["manage_members", "view_agents"]
    desk = services.create_role(access(owner), label="Desk", capabilities=held)
    services.add_member(tenant, keeper, role=desk.slug)
    services.share(access(owner), agent, desk, allowed="", denied="view")
    copy = services.create_role(access(keeper), label="Desk (copy)", capabilities=held)

    with pytest.raises(PermissionDenied):
        services.delete_role(access(keeper), desk, move_to=copy)

    assert not access(keeper).may_do(agent, "view")


def test_without_the_capability_nothing_is_decided(access, editor, viewer, tenant):
    with pytest.raises(PermissionDenied):
        services.remove_member(access(editor), membership(viewer, tenant))


def test_a_role_of_another_organisation_does_not_exist(access, owner, viewer, tenant, other_tenant):
    with pytest.raises(Http404):
        services.change_role(
            access(owner), membership(viewer, tenant), role=role(other_tenant, "editor")
        )


def test_whoever_was_demoted_meanwhile_decides_nothing(access, owner, admin, viewer, tenant):
    """An access that was made before the demotion counts for nothing after it."""
    stale = access(admin)
    services.change_role(access(owner), membership(admin, tenant), role=role(tenant, "viewer"))

    with pytest.raises(PermissionDenied):
        services.remove_member(stale, membership(viewer, tenant))


def test_whoever_was_removed_meanwhile_decides_nothing(access, owner, admin, viewer, tenant):
    stale = access(admin)
    services.remove_member(access(owner), membership(admin, tenant))

    with pytest.raises(Http404):
        services.remove_member(stale, membership(viewer, tenant))


# ── The last owner ────────────────────────────────────────────────────────────────────────────


def test_the_last_owner_stays(access, owner, tenant):
    mine = membership(owner, tenant)

    with pytest.raises(LastOwner):
        services.remove_member(access(owner), mine)

    assert access(owner).is_owner


@pytest.mark.parametrize("out", ["suspended", "inactive"])
def test_an_owner_who_can_not_get_in_is_no_other_owner(access, owner, tenant, out):
    other = UserFactory()
    services.add_member(tenant, other, role="owner")
    if out == "suspended":
        services.suspend_member(access(owner), membership(other, tenant))
    else:
        type(other).objects.filter(pk=other.pk).update(is_active=False)

    with pytest.raises(LastOwner):
        services.remove_member(access(owner), membership(owner, tenant))


def test_one_of_two_owners_may_leave(access, owner, tenant):
    services.add_member(tenant, UserFactory(), role="owner")

    services.remove_member(access(owner), membership(owner, tenant))

    assert not Membership.unscoped.filter(user=owner).exists()


# ── Suspension ────────────────────────────────────────────────────────────────────────────────


def test_a_suspended_member_is_out_with_their_keys_and_comes_back_as_they_were(
    access, admin, editor, tenant
):
    key = ApiKeyFactory(tenant=tenant, user=editor, scopes=["view_agents"])

    services.suspend_member(access(admin), membership(editor, tenant))

    with pytest.raises(Http404):
        access(editor)
    assert api_keys.check(key.token) is None
    services.unsuspend_member(access(admin), membership(editor, tenant))
    assert access(editor).role.slug == "editor"
    assert api_keys.check(key.token).may("view_agents")


def test_suspending_twice_is_harmless(access, admin, editor, tenant):
    for _ in range(2):
        services.suspend_member(access(admin), membership(editor, tenant))

    (event,) = events(tenant, "member.suspended")
    assert event.changes == {"is_suspended": [False, True]}


def test_nobody_suspends_themselves(access, admin, tenant):
    with pytest.raises(PermissionDenied):
        services.suspend_member(access(admin), membership(admin, tenant))


# ── Removal ───────────────────────────────────────────────────────────────────────────────────


def test_a_removed_member_is_out_and_their_keys_stay_dead(access, admin, editor, tenant):
    key = ApiKeyFactory(tenant=tenant, user=editor, scopes=["view_agents"])

    services.remove_member(access(admin), membership(editor, tenant))
    services.add_member(tenant, editor, role="editor")

    assert api_keys.check(key.token) is None
    (event,) = events(tenant, "member.removed")
    assert event.changes == {"role": ["Editor", None]}


def test_what_was_shared_with_a_removed_member_alone_does_not_come_back(
    access, admin, viewer, tenant, other_tenant
):
    agent = AgentFactory(tenant=tenant, is_restricted=True)
    elsewhere = AgentFactory(tenant=other_tenant, is_restricted=True)
    services.add_member(other_tenant, viewer, role="viewer")
    for one in (agent, elsewhere):
        share(one, viewer)
    assert access(viewer).may_do(agent, "view")

    services.remove_member(access(admin), membership(viewer, tenant))
    services.add_member(tenant, viewer, role="viewer")

    assert not access(viewer).may_do(agent, "view")
    assert Access.of(viewer, other_tenant.slug).may_do(elsewhere, "view")


def share(agent, user):
    from django.contrib.auth.models import Permission

    from agents.models import AgentUserGrant

    AgentUserGrant.objects.create(
        user=user,
        content_object=agent,
        permission=Permission.objects.get(codename="view_agent"),
    )


def test_keys_in_other_organisations_live_on(access, admin, editor, tenant, other_tenant):
    services.add_member(other_tenant, editor, role="editor")
    elsewhere = ApiKeyFactory(tenant=other_tenant, user=editor, scopes=["view_agents"])

    services.remove_member(access(admin), membership(editor, tenant))

    assert ApiKey.unscoped.get(pk=elsewhere.pk).revoked_at is None
    assert api_keys.check(elsewhere.token)


# ── Ownership ─────────────────────────────────────────────────────────────────────────────────


def test_ownership_is_handed_over_in_one_step(access, owner, editor, tenant):
    services.transfer_ownership(access(owner), membership(editor, tenant))

    assert access(editor).is_owner
    assert access(owner).role.slug == "admin"
    (event,) = events(tenant, "tenant.ownership_transferred")
    assert event.changes == {"Editor": ["Editor", "Owner"], "Owner": ["Owner", "Admin"]}


def test_ownership_goes_to_nobody_who_can_not_get_in(access, owner, editor, tenant):
    services.suspend_member(access(owner), membership(editor, tenant))

    with pytest.raises(PermissionDenied):
        services.transfer_ownership(access(owner), membership(editor, tenant))
    with pytest.raises(PermissionDenied):
        services.transfer_ownership(access(owner), membership(owner, tenant))

    assert access(owner).is_owner
