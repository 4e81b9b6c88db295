"""An explicit denial wins: over the role's capabilities, and over every grant."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from guardian.shortcuts import assign_perm, remove_perm

from agents.models import Agent, AgentVersion
from knowledge.models import Chunk, Document
from knowledge.retrieval import retrieve
from tenants import api_keys
from tenants.models import Role
from tests.factories.agents import AgentFactory, AgentVersionFactory
from tests.factories.knowledge import SourceFactory, indexed
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db

ACTIONS = ("view", "run", "change", "publish", "manage")


@pytest.fixture
def agent(tenant):
    return AgentFactory(tenant=tenant)


def group(tenant, slug):
    return Role.unscoped.get(tenant=tenant, slug=slug).group


@pytest.mark.parametrize(
    ("denied", "left"),
    [
        ("view", set()),
        ("run", {"view"}),
        ("change", {"view", "run"}),
        ("manage", {"view", "run", "change", "publish"}),
    ],
)
def test_denying_a_rung_denies_every_rung_that_includes_it(access, admin, agent, denied, left):
    assign_perm(f"deny_{denied}_agent", admin, agent)

    assert {action for action in ACTIONS if access(admin).may_do(agent, action)} == left


def test_a_denial_to_a_person_wins_over_their_role(access, tenant, admin, editor, agent):
    assign_perm("deny_view_agent", admin, agent)

    assert agent not in access(admin).visible(Agent)
    assert access(editor).may_do(agent, "change")


def test_a_denial_to_a_role_binds_its_members_alone(access, tenant, admin, editor, agent):
    assign_perm("deny_view_agent", group(tenant, "admin"), agent)

    assert agent not in access(admin).visible(Agent)
    assert access(editor).may_do(agent, "change")


@pytest.mark.parametrize("grant_to_role", [True, False])
@pytest.mark.parametrize("deny_to_role", [True, False])
def test_a_denial_wins_over_every_grant(access, tenant, viewer, grant_to_role, deny_to_role):
    hidden = AgentFactory(tenant=tenant, is_restricted=True)
    role = group(tenant, "viewer")
    assign_perm("manage_agent", role if grant_to_role else viewer, hidden)
    assert access(viewer).may_do(hidden, "manage")
    assign_perm("deny_view_agent", role if deny_to_role else viewer, hidden)

    with pytest.raises(Http404):
        access(viewer).get(Agent, hidden.pk, "manage")


def test_a_denial_is_for_one_object_and_no_other(access, tenant, admin, agent):
    other = AgentFactory(tenant=tenant)
    assign_perm("deny_view_agent", admin, agent)

    assert list(access(admin).visible(Agent)) == [other]


def test_what_may_be_seen_but_is_denied_is_forbidden_rather_than_hidden(access, admin, agent):
    assign_perm("deny_run_agent", admin, agent)

    assert access(admin).get(Agent, agent.pk) == agent
    with pytest.raises(PermissionDenied):
        access(admin).get(Agent, agent.pk, "run")


def test_a_denial_does_not_bind_owners(access, owner, agent):
    assign_perm("deny_view_agent", owner, agent)

    assert access(owner).may_do(agent, "manage")


def test_a_denial_binds_a_key_like_its_maker(tenant, admin, agent):
    key = ApiKeyFactory(tenant=tenant, user=admin, scopes=["manage_agents"])
    assign_perm("deny_run_agent", admin, agent)

    through = api_keys.check(key.token)

    assert through.may_do(agent, "view")
    assert not through.may_do(agent, "run")


def test_a_denial_lifted_is_gone_at_once(access, admin, agent):
    assign_perm("deny_view_agent", admin, agent)
    present = access(admin)
    remove_perm("deny_view_agent", admin, agent)

    assert present.may_do(agent, "manage")


def test_a_denial_lets_nobody_in(access, tenant, viewer):
    """It stands beside the grants in their tables, and is none."""
    hidden = AgentFactory(tenant=tenant, is_restricted=True)
    for rung in ("view", "run", "change", "manage"):
        assign_perm(f"deny_{rung}_agent", viewer, hidden)

    assert not access(viewer).visible(Agent)
    assert not viewer.has_perm("agents.view_agent", hidden)


def test_what_belongs_to_a_denied_agent_is_hidden_with_it(access, tenant, admin, agent):
    AgentVersionFactory(tenant=tenant, agent=agent)
    assert access(admin).visible(AgentVersion)
    assign_perm("deny_view_agent", admin, agent)

    assert not access(admin).visible(AgentVersion)


def test_nothing_is_found_in_a_denied_source(access, tenant, owner, admin):
    source = SourceFactory(tenant=tenant)
    indexed(access(owner), source, ("secret.txt", "The vault opens at nine."))
    assert retrieve(access(admin), "When does the vault open?").passages
    assign_perm("deny_view_source", group(tenant, "admin"), source)

    assert not access(admin).visible(Document)
    assert not access(admin).visible(Chunk)
    assert not retrieve(access(admin), "When does the vault open?").passages


def test_denying_uploads_leaves_reading(access, tenant, editor):
    source = SourceFactory(tenant=tenant)
    assign_perm("deny_upload_source", editor, source)

    may = {rung for rung in ("view", "upload", "change") if access(editor).may_do(source, rung)}

    assert may == {"view"}
