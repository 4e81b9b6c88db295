"""Who may run an agent, and whose runs one may see."""

import pytest

from agents.models import AgentUserGrant
from agents.runs.models import AgentRun
from tenants.access import Access
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.runs import AgentRunFactory
from tests.factories.tenants import ApiKeyFactory

QUESTION = {"input": "How long?"}


@pytest.fixture
def theirs(agent, editor):
    """A run of the editor's."""
    return AgentRunFactory(tenant=agent.tenant, agent=agent, started_by=editor)


def visible(access, user, **kwargs):
    return set(access(user, **kwargs).visible(AgentRun).values_list("pk", flat=True))


def test_a_viewer_cannot_run_an_agent(api, page, viewer, agent):
    assert api(viewer).post(f"/agents/{agent.pk}/execute", QUESTION).status_code == 403
    assert api(viewer).post(f"/agents/{agent.pk}/stream", QUESTION).status_code == 403
    assert page(viewer).get(f"/t/acme/agents/{agent.pk}/console/").status_code == 403
    assert not AgentRun.unscoped.exists()


def test_another_tenants_owner_finds_nothing(api, page, stranger, other_tenant, agent, theirs):
    abroad = api(stranger, where=other_tenant)

    assert abroad.post(f"/agents/{agent.pk}/execute", QUESTION).status_code == 404
    assert abroad.post(f"/agents/{agent.pk}/stream", QUESTION).status_code == 404
    for path in ("", "/steps", "/events"):
        assert abroad.get(f"/runs/{theirs.pk}{path}").status_code == 404
    assert abroad.post(f"/runs/{theirs.pk}/cancel").status_code == 404
    assert page(stranger).get(f"/t/globex/runs/{theirs.pk}/").status_code == 404
    assert page(stranger).get(f"/t/acme/runs/{theirs.pk}/").status_code == 404


def test_a_contributor_sees_only_their_own_runs(access, contributor, agent, theirs):
    mine = AgentRunFactory(tenant=agent.tenant, agent=agent, started_by=contributor)

    assert visible(access, contributor) == {mine.pk}


def test_a_viewer_sees_the_runs_of_agents_that_they_see(access, viewer, agent, editor, theirs):
    hidden = AgentFactory(tenant=agent.tenant, is_restricted=True)
    AgentRunFactory(tenant=agent.tenant, agent=hidden, started_by=editor)

    assert visible(access, viewer) == {theirs.pk}


def test_a_run_that_drew_on_a_source_one_may_not_see_is_not_seen(
    access, viewer, owner, editor, theirs
):
    secret = SourceFactory(tenant=theirs.tenant, is_restricted=True)
    open_one = SourceFactory(tenant=theirs.tenant)
    AgentRun.unscoped.filter(pk=theirs.pk).update(source_ids=[open_one.pk])
    assert visible(access, viewer) == {theirs.pk}

    AgentRun.unscoped.filter(pk=theirs.pk).update(source_ids=[open_one.pk, secret.pk])

    assert visible(access, viewer) == set()
    assert visible(access, owner) == {theirs.pk}
    assert visible(access, editor) == {theirs.pk}  # one's own held nothing that one might not see


def test_an_owners_key_that_reads_no_knowledge_sees_no_run_that_drew_on_it(owner, theirs):
    def sees(*scopes):
        key = ApiKeyFactory(tenant=theirs.tenant, user=owner, scopes=scopes)
        return Access.through(key.public_id).may_do(theirs, "view")

    assert sees("view_runs", "view_agents")

    source = SourceFactory(tenant=theirs.tenant)
    AgentRun.unscoped.filter(pk=theirs.pk).update(source_ids=[source.pk])

    assert sees("view_runs", "view_agents", "view_knowledge")
    assert not sees("view_runs", "view_agents")


def test_deleting_a_restricted_source_opens_no_run_that_drew_on_it(
    access, viewer, owner, editor, theirs
):
    secret = SourceFactory(tenant=theirs.tenant, is_restricted=True)
    AgentRun.unscoped.filter(pk=theirs.pk).update(source_ids=[secret.pk])
    secret.delete()

    assert visible(access, viewer) == set()
    assert visible(access, owner) == {theirs.pk}
    assert visible(access, editor) == {theirs.pk}


def test_a_viewer_may_not_cancel_what_they_see(api, viewer, theirs):
    assert api(viewer).post(f"/runs/{theirs.pk}/cancel").status_code == 403


def test_an_admin_may_cancel_everybodys_runs(api, admin, theirs):
    assert api(admin).post(f"/runs/{theirs.pk}/cancel").status_code == 200


def test_a_key_without_the_scope_runs_nothing(api, owner, agent):
    answer = api(owner, "view_agents").post(f"/agents/{agent.pk}/execute", QUESTION)

    assert answer.status_code == 403


def test_a_key_for_other_agents_does_not_find_this_one(owner, agent, tenant):
    from tests.conftest import ApiClient

    other = AgentFactory(tenant=tenant)
    key = ApiKeyFactory(
        tenant=tenant, user=owner, scopes=["run_agents", "view_agents"], agent_ids=[other.pk]
    )

    answer = ApiClient(key.token).post(f"/agents/{agent.pk}/execute", QUESTION)

    assert answer.status_code == 404


def test_no_key_no_run(api, agent):
    assert api().post(f"/agents/{agent.pk}/execute", QUESTION).status_code == 401


def test_the_runs_of_a_deleted_agent_stay_with_who_started_them_and_owners(
    access, owner, admin, editor, theirs
):
    AgentRun.unscoped.filter(pk=theirs.pk).update(agent=None)

    assert visible(access, editor) == visible(access, owner) == {theirs.pk}
    assert not visible(access, admin)


def test_a_restricted_agent_runs_for_whom_it_was_shared_with(api, contributor, tenant):
    agent = AgentFactory(tenant=tenant, is_restricted=True, published=True)
    asked = f"/agents/{agent.pk}/execute"
    assert api(contributor).post(asked, QUESTION).status_code == 404

    AgentUserGrant.objects.assign_perm("run_agent", contributor, agent)

    assert api(contributor).post(asked, QUESTION).status_code == 200
