"""Restricting an object, and granting or denying it: the services."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404

from agents.models import Agent
from personas.models import Persona
from tenants import api_keys, services, sharing
from tenants.models import AuditEvent, Membership, Role
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(tenant):
    return AgentFactory(tenant=tenant)


def member(user):
    return Membership.unscoped.get(user=user)


def role(tenant, slug):
    return Role.unscoped.get(tenant=tenant, slug=slug)


def event():
    return AuditEvent.unscoped.order_by("-number").first()


def may(access, row):
    return {action for action in sharing.actions_of(type(row)) if access.may_do(row, action)}


# ── Granting and denying ──────────────────────────────────────────────────────────────────────


def test_a_person_gets_the_rung_and_those_below(access, admin, viewer, agent):
    services.share(access(admin), agent, member(viewer), allowed="change", denied="")

    assert may(access(viewer), agent) == {"view", "run", "change"}


def test_sharing_again_replaces_what_stood(access, admin, viewer, agent):
    services.share(access(admin), agent, member(viewer), allowed="manage", denied="")
    services.share(access(admin), agent, member(viewer), allowed="run", denied="change")

    share = sharing.share_of(agent, member(viewer))
    assert (share.allowed, share.denied) == ("run", "change")
    assert may(access(viewer), agent) == {"view", "run"}


def test_a_role_is_denied_and_granted_alike(access, admin, editor, tenant, agent):
    services.share(access(admin), agent, role(tenant, "editor"), allowed="", denied="run")

    assert may(access(editor), agent) == {"view"}


def test_nothing_is_left_of_a_share_of_nothing(access, admin, viewer, agent):
    services.share(access(admin), agent, member(viewer), allowed="manage", denied="run")
    services.share(access(admin), agent, member(viewer), allowed="", denied="")

    assert not sharing.named_members(access(admin), agent)
    assert may(access(viewer), agent) == {"view"}


def test_one_event_tells_before_and_after(access, admin, viewer, agent):
    services.share(access(admin), agent, member(viewer), allowed="run", denied="")
    before = AuditEvent.unscoped.count()
    services.share(access(admin), agent, member(viewer), allowed="", denied="view")

    assert AuditEvent.unscoped.count() == before + 1
    assert event().action == "agent.access_changed"
    assert event().changes == {
        "Viewer (viewer@acme.example)": ["may run", "may not see"],
        "holder_ids": [str(member(viewer).pk)],
    }


def test_sharing_the_same_again_is_no_change(access, admin, viewer, agent):
    services.share(access(admin), agent, member(viewer), allowed="run", denied="")
    before = AuditEvent.unscoped.count()
    services.share(access(admin), agent, member(viewer), allowed="run", denied="")

    assert AuditEvent.unscoped.count() == before


def test_nobody_shares_what_they_do_not_manage(access, editor, viewer, agent):
    """Managing includes every rung, so nobody gives a rung that they don't hold."""
    with pytest.raises(PermissionDenied):
        services.share(access(editor), agent, member(viewer), allowed="view", denied="")
    with pytest.raises(PermissionDenied):
        services.restrict(access(editor), agent, is_restricted=True)


def test_the_right_to_share_that_ended_meanwhile_is_gone(access, owner, admin, viewer, agent):
    present = access(admin)
    services.change_role(access(owner), member(admin), role=role(agent.tenant, "viewer"))

    with pytest.raises(PermissionDenied):
        services.share(present, agent, member(viewer), allowed="manage", denied="")


def test_an_owner_can_not_be_denied_anything(access, owner, admin, tenant, agent):
    for holder in (member(owner), role(tenant, "owner")):
        with pytest.raises(ValidationError, match="Owners can’t be denied"):
            services.share(access(admin), agent, holder, allowed="", denied="manage")

    assert not sharing.named_members(access(owner), agent)


def test_an_owner_can_be_granted_what_they_may_anyway(access, owner, admin, agent):
    """It stands for when they are owner no more."""
    services.share(access(admin), agent, member(owner), allowed="run", denied="")

    assert sharing.share_of(agent, member(owner)).allowed == "run"


def test_a_rung_of_another_area_is_refused(access, admin, viewer, agent):
    for given in ({"allowed": "upload", "denied": ""}, {"allowed": "", "denied": "publish"}):
        with pytest.raises(ValidationError):
            services.share(access(admin), agent, member(viewer), **given)


def test_a_member_and_a_role_of_another_organisation_are_nobody(
    access, admin, other_tenant, stranger, agent
):
    for holder in (member(stranger), role(other_tenant, "viewer")):
        with pytest.raises(Http404):
            services.share(access(admin), agent, holder, allowed="view", denied="")


def test_an_object_of_another_organisation_is_not_there(access, owner, viewer, other_tenant):
    with pytest.raises(Http404):
        foreign = AgentFactory(tenant=other_tenant)
        services.share(access(owner), foreign, member(viewer), allowed="view", denied="")


@pytest.mark.parametrize("to_role", [True, False])
def test_nobody_denies_themselves_the_right_to_share(access, admin, tenant, agent, to_role):
    holder = role(tenant, "admin") if to_role else member(admin)

    with pytest.raises(PermissionDenied, match="You would lose"):
        services.share(access(admin), agent, holder, allowed="", denied="manage")


def test_nobody_takes_from_themselves_what_they_share_by(access, owner, viewer, tenant):
    hidden = AgentFactory(tenant=tenant, is_restricted=True)
    services.share(access(owner), hidden, member(viewer), allowed="manage", denied="")

    with pytest.raises(PermissionDenied, match="You would lose"):
        services.share(access(viewer), hidden, member(viewer), allowed="run", denied="")
    assert access(viewer).may_do(hidden, "manage")


# ── Restricting ───────────────────────────────────────────────────────────────────────────────


def test_who_restricts_keeps_the_object_and_the_log_says_so(access, admin, editor, agent):
    services.restrict(access(admin), agent, is_restricted=True)

    assert may(access(admin), agent) == set(sharing.actions_of(Agent))
    assert agent not in access(editor).visible(Agent)
    assert event().changes == {
        "restricted": [False, True],
        "Admin (admin@acme.example)": [None, "may manage"],
        "holder_ids": [str(member(admin).pk)],
    }


def test_an_owner_needs_no_grant_to_keep_it(access, owner, agent):
    services.restrict(access(owner), agent, is_restricted=True)

    assert not sharing.named_members(access(owner), agent)
    assert event().changes == {"restricted": [False, True]}


def test_opening_it_gives_it_back_to_roles(access, owner, editor, agent):
    services.restrict(access(owner), agent, is_restricted=True)
    services.restrict(access(owner), agent, is_restricted=False)

    assert access(editor).may_do(agent, "change")
    assert event().changes == {"restricted": [True, False]}


def test_restricting_what_is_restricted_is_no_change(access, owner, agent):
    services.restrict(access(owner), agent, is_restricted=True)
    before = AuditEvent.unscoped.count()
    services.restrict(access(owner), agent, is_restricted=True)

    assert AuditEvent.unscoped.count() == before


def test_restricting_is_no_edit_of_the_object_but_moves_its_version(access, owner, tenant):
    """Agents with the persona are not told to be published again; an open form is stale."""
    persona = PersonaFactory(tenant=tenant)
    services.restrict(access(owner), persona, is_restricted=True)

    stored = Persona.unscoped.get(pk=persona.pk)
    assert stored.updated_at == persona.updated_at
    assert stored.version == persona.version + 1


def test_a_key_that_may_share_shares_in_its_makers_name(access, tenant, admin, viewer, agent):
    key = ApiKeyFactory(tenant=tenant, user=admin, scopes=["manage_agents"])

    services.restrict(api_keys.check(key.token), agent, is_restricted=True)

    assert access(admin).may_do(agent, "manage")
    assert event().actor == admin


# ── Ends ──────────────────────────────────────────────────────────────────────────────────────


def test_what_was_granted_and_denied_goes_with_the_member(access, owner, viewer, tenant):
    source = SourceFactory(tenant=tenant)
    services.share(access(owner), source, member(viewer), allowed="manage", denied="change")
    services.remove_member(access(owner), member(viewer))
    services.add_member(tenant, viewer, role="viewer")

    assert may(access(viewer), source) == {"view"}


def test_what_was_granted_and_denied_goes_with_the_role(access, owner, agent):
    made = services.create_role(access(owner), label="Desk", capabilities=["view_agents"])
    services.share(access(owner), agent, made, allowed="run", denied="manage")
    services.delete_role(access(owner), made)

    assert not type(agent).agentrolegrant_set.rel.related_model.objects.exists()
