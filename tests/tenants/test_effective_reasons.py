"""Who decided, under whatever name, and what shuts somebody out before any rule of an object."""

import pytest

from tenants import services
from tenants.models import AuditEvent, Membership, Tenant
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
