"""Who decided, under whatever name, and what shuts somebody out before any rule of an object."""

import pytest

from tenants import audit, explaining, services
from tenants.models import AuditEvent, Membership, Role, Tenant
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory, UserFactory
from tests.tenants.accounts_kit import add_app

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/access/"


@pytest.fixture
def agent(tenant):
    return AgentFactory(tenant=tenant, name="Clerk")


def member(user):
    return Membership.unscoped.get(user=user)


def test_who_decided_is_known_after_a_new_name(page, access, owner, agent):
    role = services.create_role(access(owner), label="Desk", capabilities=["view_agents"])
    kim = UserFactory(email="kim@acme.example", name="Kim")
    services.add_member(agent.tenant, kim, role=role.slug)
    services.share(access(owner), agent, role, allowed="", denied="view")
    other = {"label": "Floor", "capabilities": ["view_agents"]}
    services.update_role(access(owner), role, **other)
    services.create_role(access(owner), label="Desk", capabilities=["view_agents"])

    shown = page(owner).get(f"{URL}{member(kim).pk}/agents/{agent.pk}/").content.decode()

    assert "Denied to the role (see)" in shown
    assert f"by {owner}" in shown
    event = AuditEvent.unscoped.get(action="agent.access_changed")
    assert "Holder" not in page(owner).get(event.get_absolute_url()).content.decode()


def test_who_decided_is_told_of_this_holder_and_this_object(access, owner, editor, viewer, agent):
    other = AgentFactory(tenant=agent.tenant)
    services.share(access(owner), agent, member(viewer), allowed="run", denied="")
    event = AuditEvent.unscoped.get(action="agent.access_changed")
    services.share(access(owner), agent, member(editor), allowed="run", denied="")
    services.share(access(owner), other, member(viewer), allowed="run", denied="")

    assert explaining.decided_by(access(owner), agent, member(viewer)) == event
    assert explaining.decided_by(access(owner), agent, member(viewer).role) is None


def test_a_role_with_a_former_name_of_another_has_not_its_decisions(access, owner, agent):
    desk, rights = {"label": "Desk", "capabilities": ["view_agents"]}, ["view_agents"]
    first = services.create_role(access(owner), **desk)
    services.share(access(owner), agent, first, allowed="", denied="view")
    services.update_role(access(owner), first, label="Floor", capabilities=rights)
    second = services.create_role(access(owner), **desk)

    assert explaining.decided_by(access(owner), agent, second) is None


def test_who_decided_before_ids_were_kept_is_found_by_the_name(access, owner, tenant, agent):
    changes = {"Role Viewer": [None, "may run"]}
    old = audit.record(access(owner), "agent.access_changed", agent, changes)
    roles = Role.unscoped.filter(tenant=tenant)

    decided = explaining.decided_by(access(owner), agent, roles.get(slug="viewer"))
    assert decided == old
    assert explaining.decided_by(access(owner), agent, roles.get(slug="editor")) is None


def test_the_highest_that_is_allowed_gives_the_reason(access, owner, viewer, agent):
    services.share(access(owner), agent, member(viewer), allowed="run", denied="")

    assert explaining.of_one(access(viewer), agent).reason == "granted to this person (run)"


def test_a_role_brings_what_it_may_and_no_more(tenant, agent):
    [(_, standing)] = explaining.of_roles(agent, Role.unscoped.filter(tenant=tenant, slug="viewer"))

    assert standing.allowed == ["view"]


def test_who_lacks_a_required_second_factor_reaches_nothing_until_then(
    page, api, owner, viewer, agent
):
    client, key = api(owner), ApiKeyFactory(tenant=agent.tenant, user=viewer, scopes=[])
    add_app(owner)
    Tenant.objects.update(requires_second_factor=True)
    place = f"{URL}{member(viewer).pk}/"

    shown = page(owner).get(f"{place}agents/{agent.pk}/").content.decode()

    assert "They can’t open this organisation until they set up a second factor" in shown
    assert "Clerk" not in page(owner).get(place, {"within": "reached"}).content.decode()
    for who in ({"member_id": member(viewer).pk}, {"key_id": key.pk}):
        answer = client.get("/access/explain", {**who, "agent_id": agent.pk}).json()
        assert (answer["may"], answer["actions"][0]["rule"]) == ([], "lacks_factor")


def test_a_key_that_has_ended_reaches_nothing(api, owner, agent):
    key = ApiKeyFactory(tenant=agent.tenant, user=owner, scopes=["view_agents"])
    key.revoked_at = key.created_at
    key.save()

    answer = api(owner).get("/access/explain", {"key_id": key.pk, "agent_id": agent.pk}).json()

    assert answer["actions"][0]["rule"] == "ended"
