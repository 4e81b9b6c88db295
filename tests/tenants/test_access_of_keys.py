"""What a key reaches of its maker's own rows, and what is no business of keys."""

import pytest
from django.core.exceptions import PermissionDenied

from agents.models import Agent
from tenants.access import Access
from tenants.models import ApiKey, DefaultView, SavedView
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory, SavedViewFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def through(tenant):
    """`through(user, "view_agents")`: by a key of theirs with these scopes."""
    return lambda user, *scopes: Access.through(
        ApiKeyFactory(tenant=tenant, user=user, scopes=scopes).public_id
    )


def test_a_key_reaches_its_makers_own_rows_where_no_scope_is_about_them(
    tenant, owner, viewer, through
):
    view = SavedViewFactory(tenant=tenant, user=owner)
    theirs, mine = (
        DefaultView.unscoped.create(tenant=tenant, user=user, listed="agents", view=view)
        for user in (owner, viewer)
    )

    def seen(user, *scopes):
        return set(through(user, *scopes).visible(DefaultView))

    assert seen(viewer, "view_agents") == {mine}
    assert seen(owner, "view_agents") == {theirs}
    assert seen(owner, "manage_tenant") == {theirs, mine}


def test_shared_views_are_changed_by_who_keeps_the_organisation_and_never_by_keys(
    tenant, access, owner, viewer, through
):
    shared = SavedViewFactory(tenant=tenant, is_shared=True)
    key = through(owner, "view_agents", "manage_tenant")

    assert access(owner).may_do(shared, "change")
    assert access(viewer).may_do(shared, "view")
    assert not access(viewer).may_do(shared, "change")
    assert not key.visible(SavedView)
    for mine, user in ((key, owner), (access(owner), viewer)):
        with pytest.raises(PermissionDenied):
            mine.add(SavedViewFactory.build(tenant=tenant, user=user))


def test_a_key_makes_keys_by_a_scope_alone(tenant, owner, through):
    with pytest.raises(PermissionDenied):
        through(owner, "view_agents").add(ApiKeyFactory.build(tenant=tenant, user=owner))


def test_a_key_that_is_bound_to_some_agents_makes_no_others(api, editor, tenant):
    agent = AgentFactory(tenant=tenant)
    client = api(editor)
    ApiKey.unscoped.filter(user=editor).update(agent_ids=[agent.pk])

    refused = client.post("/agents", {"name": "Clerk"})

    assert refused.status_code == 403
    assert refused.json()["detail"] == "Your rights do not include adding agents here."
    assert list(Agent.unscoped.all()) == [agent]
    assert client.patch(f"/agents/{agent.pk}", {"description": "x"}).status_code == 200
    assert client.post("/personas", {"name": "x", "instructions": "y"}).status_code == 201
    assert api(editor).post("/agents", {"name": "Clerk"}).status_code == 201
