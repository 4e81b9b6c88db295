"""Roles of the organisation's own: nobody puts more into one than they hold."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from tenants import api_keys, granting, services
from tenants.capabilities import DESCRIPTIONS, GROUPS, LABELS, group_of
from tenants.models import AuditEvent, Invitation, Membership, Role, TenantRoleGrant
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory, JobFactory, UserFactory

pytestmark = pytest.mark.django_db


def role(tenant, slug):
    return Role.unscoped.get(tenant=tenant, slug=slug)


def own(access, owner, label="Desk", capabilities=("manage_members", "view_agents")):
    return services.create_role(access(owner), label=label, capabilities=capabilities)


@pytest.fixture
def desk(access, owner, tenant):
    """Somebody who keeps members and sees agents, and nothing else."""
    made, user = own(access, owner), UserFactory(name="Desk")
    services.add_member(tenant, user, role=made.slug)
    return user


def last(action):
    return AuditEvent.unscoped.get(action=action)


# ── Making and changing ───────────────────────────────────────────────────────────────────────


def test_a_role_holds_what_was_chosen_and_what_that_includes(access, owner):
    made = own(access, owner, "Build desk", ["change_agents", "publish_agents"])

    held = {"view_agents", "run_agents", "change_agents", "publish_agents"}
    assert granting.capabilities_of(made) == held
    assert (made.slug, made.is_built_in) == ("build-desk", False)
    assert last("role.created").changes["capabilities"] == [None, sorted(held)]


def test_a_role_may_hold_nothing_at_all(access, owner, tenant):
    """For people who see only what is shared with them."""
    made, guest = own(access, owner, "Guest", []), UserFactory()
    services.add_member(tenant, guest, role=made.slug)

    assert access(guest).capabilities == frozenset()


def test_a_change_holds_with_the_next_request_and_call(access, owner, tenant):
    made, user = own(access, owner, "Runner", ["run_agents"]), UserFactory()
    services.add_member(tenant, user, role=made.slug)
    key = ApiKeyFactory(tenant=tenant, user=user, scopes=["run_agents"])
    assert api_keys.check(key.token).may("run_agents")

    services.update_role(access(owner), made, label="Looker", capabilities=["view_agents"])

    assert access(user).capabilities == {"view_agents"}
    assert api_keys.check(key.token).capabilities == {"view_agents"}
    assert last("role.updated").changes == {
        "label": ["Runner", "Looker"],
        "capabilities": [["run_agents", "view_agents"], ["view_agents"]],
    }


def test_saving_without_a_change_leaves_no_trace(access, owner):
    made = own(access, owner)

    services.update_role(
        access(owner), made, label="Desk", capabilities=["manage_members", "view_agents"]
    )

    assert not AuditEvent.unscoped.filter(action="role.updated").exists()


def test_nobody_puts_into_a_role_what_they_do_not_hold(access, admin, desk, tenant):
    with pytest.raises(PermissionDenied):
        own(access, admin, "Owner too", ["manage_tenant"])
    with pytest.raises(PermissionDenied):
        own(access, desk, "Builders", ["change_agents"])
    with pytest.raises(PermissionDenied):
        # Held by itself, but it includes what isn't.
        own(access, desk, "Publishers", ["view_agents", "manage_agents"])

    assert not Role.unscoped.filter(tenant=tenant, label__in=["Owner too", "Builders"]).exists()


def test_nobody_raises_the_role_that_they_have_themselves(access, desk, tenant):
    with pytest.raises(PermissionDenied):
        services.update_role(
            access(desk),
            role(tenant, "desk"),
            label="Desk",
            capabilities=["manage_members", "view_agents", "manage_secrets"],
        )

    assert access(desk).capabilities == {"manage_members", "view_agents"}


def test_a_role_beyond_ones_own_is_not_changed_and_not_deleted(access, owner, desk):
    beyond = own(access, owner, "Builders", ["change_agents"])

    with pytest.raises(PermissionDenied):
        services.update_role(access(desk), beyond, label="Harmless", capabilities=["view_agents"])
    with pytest.raises(PermissionDenied):
        services.delete_role(access(desk), beyond)

    assert granting.capabilities_of(beyond) >= {"change_agents"}


def test_without_keeping_members_there_are_no_roles(access, owner, editor):
    made = own(access, owner, "Lookers", ["view_agents"])

    with pytest.raises(PermissionDenied):
        own(access, editor, "Mine", ["view_agents"])
    with pytest.raises(PermissionDenied):
        services.delete_role(access(editor), made)


@pytest.mark.parametrize("slug", ["owner", "admin", "editor", "contributor", "viewer"])
def test_built_in_roles_stay_as_they_are(access, owner, tenant, slug):
    with pytest.raises(PermissionDenied):
        services.update_role(access(owner), role(tenant, slug), label="Mine", capabilities=[])
    with pytest.raises(PermissionDenied):
        services.delete_role(access(owner), role(tenant, slug), move_to=role(tenant, "viewer"))


def test_names_are_taken_once_whatever_their_case(access, owner, tenant):
    own(access, owner, "Desk")

    for taken in ("DESK", "owner", "Viewer"):
        with pytest.raises(ValidationError):
            own(access, owner, taken)
    with pytest.raises(ValidationError):
        services.update_role(
            access(owner), own(access, owner, "Other"), label="desk", capabilities=[]
        )


def test_names_that_make_the_same_slug_are_two_roles(access, owner):
    slugs = [
        own(access, owner, label).slug for label in ("Front desk", "Front-desk", "前台", "客服")
    ]

    assert len(set(slugs)) == 4


def test_an_unknown_right_is_refused(access, owner):
    with pytest.raises(ValidationError):
        own(access, owner, "Odd", ["fly"])


def test_a_role_of_another_organisation_does_not_exist(access, owner, stranger, other_tenant):
    foreign = services.create_role(
        access(stranger, other_tenant), label="Theirs", capabilities=["view_agents"]
    )

    with pytest.raises(Http404):
        services.update_role(access(owner), foreign, label="Mine", capabilities=[])
    with pytest.raises(Http404):
        services.delete_role(access(owner), foreign)


# ── Giving ────────────────────────────────────────────────────────────────────────────────────


def test_who_only_keeps_members_gives_no_role_beyond_theirs(access, desk, viewer, tenant):
    membership = Membership.unscoped.get(user=viewer)

    for slug in ("admin", "editor", "viewer"):
        with pytest.raises(PermissionDenied):
            services.change_role(access(desk), membership, role=role(tenant, slug))
        with pytest.raises(PermissionDenied):
            services.invite_by_link(
                access(desk), role=role(tenant, slug), days=7, base_url="https://x.example"
            )


def test_who_only_keeps_members_decides_about_nobody_beyond_theirs(access, desk, viewer, tenant):
    with pytest.raises(PermissionDenied):
        services.remove_member(access(desk), Membership.unscoped.get(user=viewer))


def test_all_rights_together_make_no_owner(access, owner, viewer, tenant):
    """Only owners decide who is owner, whatever a role of one's own holds."""
    everything, user = own(access, owner, "Everything", sorted(LABELS)), UserFactory()
    services.add_member(tenant, user, role=everything.slug)
    mine, theirs = (Membership.unscoped.get(user=one) for one in (user, viewer))
    ownership = role(tenant, "owner")

    for membership in (mine, theirs):
        with pytest.raises(PermissionDenied):
            services.change_role(access(user), membership, role=ownership)
    with pytest.raises(PermissionDenied):
        services.remove_member(access(user), Membership.unscoped.get(user=owner))
    with pytest.raises(PermissionDenied):
        services.transfer_ownership(access(user), theirs)
    assert ownership not in granting.grantable(access(user))
    assert ownership in granting.grantable(access(owner))
    assert not access(user).is_owner


def test_what_may_be_given_is_what_is_offered(access, desk, admin, tenant):
    def offered(user):
        return {one.slug for one in granting.grantable(access(user))}

    assert offered(desk) == {"desk"}
    assert offered(admin) == {"admin", "editor", "contributor", "viewer", "desk"}
    for user in (desk, admin):
        for one in Role.unscoped.filter(tenant=tenant):
            allowed = True
            try:
                granting.require_grantable(access(user), one)
            except PermissionDenied:
                allowed = False
            assert allowed == (one.slug in offered(user))


# ── Deleting ──────────────────────────────────────────────────────────────────────────────────


def test_an_unused_role_goes_with_all_that_it_held(access, owner, tenant):
    made = own(access, owner)
    group = made.group

    services.delete_role(access(owner), made)

    assert not Role.unscoped.filter(pk=made.pk).exists()
    assert not TenantRoleGrant.objects.filter(group_id=group.pk).exists()
    assert not type(group).objects.filter(pk=group.pk).exists()


def test_a_role_in_use_stays_unless_its_members_get_another(access, owner, desk, tenant):
    made, viewer = role(tenant, "desk"), role(tenant, "viewer")
    services.invite_by_link(access(owner), role=made, days=7, base_url="https://x.example")

    with pytest.raises(services.RoleInUse):
        services.delete_role(access(owner), made)
    with pytest.raises(services.RoleInUse):
        services.delete_role(access(owner), made, move_to=made)
    services.delete_role(access(owner), made, move_to=viewer)

    assert access(desk).role == viewer
    assert Invitation.unscoped.get().role == viewer
    assert last("role.deleted").changes["members"] == [{"Desk": ["Desk"]}, {"Viewer": ["Desk"]}]


def test_members_are_not_moved_beyond_what_one_holds(access, owner, desk, tenant):
    services.update_role(
        access(owner), role(tenant, "desk"), label="Desk", capabilities=["manage_members"]
    )

    for slug in ("admin", "owner"):
        with pytest.raises(PermissionDenied):
            services.delete_role(access(desk), role(tenant, "desk"), move_to=role(tenant, slug))

    assert access(desk).capabilities == {"manage_members"}


def test_members_are_not_moved_to_a_role_of_others(access, owner, desk, tenant, other_tenant):
    with pytest.raises(Http404):
        services.delete_role(
            access(owner), role(tenant, "desk"), move_to=role(other_tenant, "viewer")
        )


def test_what_was_shared_with_a_role_goes_with_it(access, owner, tenant):
    from django.contrib.auth.models import Permission

    from agents.models import AgentRoleGrant

    made = own(access, owner)
    AgentRoleGrant.objects.create(
        group=made.group,
        content_object=AgentFactory(tenant=tenant),
        permission=Permission.objects.get(codename="view_agent"),
    )

    services.delete_role(access(owner), made)

    assert not AgentRoleGrant.objects.exists()


# ── At once ───────────────────────────────────────────────────────────────────────────────────


def test_a_waiting_job_is_done_with_the_rights_of_now(access, owner, tenant, monkeypatch):
    from tenants import jobs
    from tenants.jobs import kinds

    made, user = own(access, owner, "Uploader", ["upload_knowledge"]), UserFactory()
    services.add_member(tenant, user, role=made.slug)
    monkeypatch.setitem(kinds.KINDS, "tests.now", kinds.Kind("tests.now", "knowledge", None))
    job = JobFactory(tenant=tenant, created_by=user, kind="tests.now")
    services.update_role(access(owner), made, label="Uploader", capabilities=["view_knowledge"])
    seen = []

    jobs.perform(job.pk, lambda lease: seen.append(lease.access().may("upload_knowledge")))

    assert seen == [False]


# ── Words ─────────────────────────────────────────────────────────────────────────────────────


def test_every_right_is_described_and_stands_in_one_group():
    assert set(DESCRIPTIONS) == set(LABELS)
    assert all(text.endswith(".") for text in DESCRIPTIONS.values())
    assert {group_of(capability) for capability in LABELS} == set(GROUPS)
