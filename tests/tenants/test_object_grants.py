"""Sharing one object with one person or role, restricting it, and keys that name agents."""

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied
from django.http import Http404
from guardian.shortcuts import assign_perm, remove_perm

from agents.models import Agent
from agents.runs.models import AgentRun
from knowledge.models import Chunk, Document
from knowledge.retrieval import retrieve
from personas.models import Persona
from tenants import api_keys
from tenants.models import Membership, Role
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import DocumentFactory, SourceFactory, indexed
from tests.factories.personas import PersonaFactory
from tests.factories.runs import AgentRunFactory, RunStepFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(tenant):
    return AgentFactory(tenant=tenant)


@pytest.fixture
def hidden(tenant):
    return AgentFactory(tenant=tenant, is_restricted=True)


def key(tenant, user, *scopes, agent_ids=None):
    made = ApiKeyFactory(tenant=tenant, user=user, scopes=list(scopes), agent_ids=agent_ids)
    return api_keys.check(made.token)


# ── Grants ────────────────────────────────────────────────────────────────────────────────────


def test_a_grant_is_for_one_object_and_no_other(access, tenant, agent, viewer):
    other = AgentFactory(tenant=tenant)
    assign_perm("change_agent", viewer, agent)

    assert list(access(viewer).visible(Agent, "change")) == [agent]
    with pytest.raises(PermissionDenied):
        access(viewer).get(Agent, other.pk, "change")


def test_a_grant_to_a_role_reaches_its_members_alone(access, tenant, agent, viewer, contributor):
    role = Role.unscoped.get(tenant=tenant, slug="viewer")
    assign_perm("change_agent", role.group, agent)

    assert access(viewer).may_do(agent, "change")
    assert not access(contributor).may_do(agent, "change")


@pytest.mark.parametrize(
    ("granted", "allows", "refuses"),
    [
        ("view", {"view"}, {"run", "change", "publish", "manage"}),
        ("run", {"view", "run"}, {"change", "publish", "manage"}),
        ("change", {"view", "run", "change"}, {"publish", "manage"}),
        ("manage", {"view", "run", "change", "publish", "manage"}, set()),
    ],
)
def test_an_action_includes_those_below_it(access, viewer, hidden, granted, allows, refuses):
    assign_perm(f"{granted}_agent", viewer, hidden)

    may = {action for action in allows | refuses if access(viewer).may_do(hidden, action)}

    assert may == allows


def test_a_grant_taken_back_is_gone_at_once(access, viewer, agent):
    assign_perm("change_agent", viewer, agent)
    present = access(viewer)
    remove_perm("change_agent", viewer, agent)

    assert not present.may_do(agent, "change")


def test_a_grant_does_not_outlive_suspension(access, tenant, viewer, agent):
    assign_perm("manage_agent", viewer, agent)
    Membership.unscoped.filter(user=viewer).update(is_suspended=True)

    with pytest.raises(Http404):
        access(viewer)


def test_a_grant_to_a_stranger_lets_nobody_in(access, tenant, other_tenant, stranger, agent):
    assign_perm("manage_agent", stranger, agent)

    with pytest.raises(Http404):
        access(stranger)
    assert not access(stranger, other_tenant).visible(Agent)


def test_a_permission_on_all_agents_of_the_portal_means_nothing_here(access, viewer, hidden):
    viewer.user_permissions.add(*Permission.objects.filter(codename__endswith="_agent"))
    viewer.is_superuser = True
    viewer.save()

    assert not access(viewer).may_do(hidden, "view")
    assert not access(viewer).may("change_agents")


# ── Restricted ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("role", ["admin", "editor", "contributor", "viewer"])
def test_what_is_restricted_is_not_there_for_whole_roles(access, request, hidden, role):
    user = request.getfixturevalue(role)

    assert hidden not in access(user).visible(Agent)
    with pytest.raises(Http404):
        access(user).get(Agent, hidden.pk, "change")


def test_restrictions_do_not_bind_owners(access, owner, hidden):
    assert access(owner).get(Agent, hidden.pk, "manage") == hidden


def test_its_maker_is_bound_by_a_restriction_too(access, tenant, admin):
    made = PersonaFactory(tenant=tenant, created_by=admin, is_restricted=True)

    assert made not in access(admin).visible(Persona)


def test_what_is_in_a_restricted_source_is_hidden_with_it(access, tenant, owner, editor):
    source = SourceFactory(tenant=tenant, is_restricted=True)
    indexed(access(owner), source, ("secret.txt", "The vault opens at nine."))

    assert not access(editor).visible(Document)
    assert not access(editor).visible(Chunk)
    assert not retrieve(access(editor), "When does the vault open?", source_ids=None).passages
    assert retrieve(access(owner), "When does the vault open?", source_ids=None).passages


def test_a_grant_on_the_source_opens_what_is_in_it(access, tenant, owner, viewer):
    source = SourceFactory(tenant=tenant, is_restricted=True)
    indexed(access(owner), source, ("secret.txt", "The vault opens at nine."))
    assign_perm("view_source", viewer, source)

    assert access(viewer).visible(Document).count() == 1
    assert retrieve(access(viewer), "When does the vault open?", source_ids=None).passages


@pytest.mark.parametrize(("granted", "may_add"), [("view", False), ("upload", True)])
def test_putting_documents_in_needs_upload_on_that_source(access, tenant, viewer, granted, may_add):
    source = SourceFactory(tenant=tenant, is_restricted=True)
    assign_perm(f"{granted}_source", viewer, source)
    document = DocumentFactory.build(tenant=None, source=source)

    if may_add:
        assert access(viewer).add(document).tenant == tenant
    else:
        with pytest.raises(PermissionDenied):
            access(viewer).add(document)


# ── Runs ──────────────────────────────────────────────────────────────────────────────────────


def test_runs_of_an_agent_that_is_hidden_are_hidden_but_ones_own(access, tenant, viewer, hidden):
    own = AgentRunFactory(tenant=tenant, agent=hidden, started_by=viewer)
    AgentRunFactory(tenant=tenant, agent=hidden)

    assert list(access(viewer).visible(AgentRun)) == [own]


def test_a_run_that_drew_on_a_hidden_source_is_hidden_with_its_steps(access, tenant, agent, viewer):
    source = SourceFactory(tenant=tenant, is_restricted=True)
    run = AgentRunFactory(tenant=tenant, agent=agent, source_ids=[source.pk])
    step = RunStepFactory(tenant=tenant, run=run)

    assert not access(viewer).visible(AgentRun)
    assert not access(viewer).visible(type(step))


def test_contributors_see_their_own_runs_only(access, tenant, agent, contributor):
    own = AgentRunFactory(tenant=tenant, agent=agent, started_by=contributor)
    AgentRunFactory(tenant=tenant, agent=agent)

    assert list(access(contributor).visible(AgentRun)) == [own]


# ── Keys ──────────────────────────────────────────────────────────────────────────────────────


def test_a_key_narrows_a_grant_like_a_role(tenant, viewer, hidden):
    assign_perm("manage_agent", viewer, hidden)

    assert key(tenant, viewer, "view_agents").may_do(hidden, "view")
    assert not key(tenant, viewer, "view_agents").may_do(hidden, "change")
    assert not key(tenant, viewer, "view_tools").may_do(hidden, "view")


def test_a_key_that_names_agents_reaches_no_other_even_for_an_owner(tenant, owner, agent, hidden):
    narrow = key(tenant, owner, "manage_agents", agent_ids=[agent.pk])

    assert list(narrow.visible(Agent)) == [agent]
    with pytest.raises(Http404):
        narrow.get(Agent, hidden.pk)


def test_a_key_that_names_no_agent_at_all_reaches_none(tenant, owner, agent):
    assert not key(tenant, owner, "manage_agents", agent_ids=[]).visible(Agent)


def test_a_key_that_names_agents_sees_the_runs_of_these(tenant, owner, agent, hidden):
    seen = AgentRunFactory(tenant=tenant, agent=agent, started_by=owner)
    AgentRunFactory(tenant=tenant, agent=hidden, started_by=owner)
    narrow = key(tenant, owner, "view_runs", "view_agents", agent_ids=[agent.pk])

    assert list(narrow.visible(AgentRun)) == [seen]


def test_a_key_that_names_agents_opens_nobody_elses_runs(tenant, contributor, editor, agent):
    AgentRunFactory(tenant=tenant, agent=agent, started_by=editor)
    mine = AgentRunFactory(tenant=tenant, agent=agent, started_by=contributor)

    narrow = key(tenant, contributor, "run_agents", agent_ids=[agent.pk])

    assert list(narrow.visible(AgentRun)) == [mine]


def test_a_key_that_names_agents_reads_nothing_of_deleted_ones(tenant, owner, agent):
    run = AgentRunFactory(tenant=tenant, agent=agent, started_by=owner)
    AgentRun.unscoped.filter(pk=run.pk).update(agent=None)

    assert key(tenant, owner, "view_runs", "view_agents").visible(AgentRun).exists()
    narrow = key(tenant, owner, "view_runs", "view_agents", agent_ids=[agent.pk])
    assert not narrow.visible(AgentRun)


def test_a_key_that_may_only_look_does_not_cancel_its_makers_run(tenant, editor, agent):
    run = AgentRunFactory(tenant=tenant, agent=agent, started_by=editor)

    assert key(tenant, editor, "view_runs", "view_agents").may_do(run, "view")
    assert not key(tenant, editor, "view_runs", "view_agents").may_do(run, "change")
    assert key(tenant, editor, "run_agents").may_do(run, "change")


def test_a_key_that_names_agents_still_reads_sources(tenant, owner, agent):
    source = SourceFactory(tenant=tenant)

    assert key(tenant, owner, "view_knowledge", agent_ids=[agent.pk]).may_do(source, "view")
