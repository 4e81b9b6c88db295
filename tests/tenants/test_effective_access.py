"""What may this person do with this, and why: the page, the API and the rules they name."""

import uuid

import pytest
from guardian.shortcuts import assign_perm

from tenants import explaining, services
from tenants.access import Access
from tenants.models import Membership, Role
from tests.factories.agents import AgentFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/access/"


@pytest.fixture
def agent(tenant):
    return AgentFactory(tenant=tenant, name="Clerk")


def member(user):
    return Membership.unscoped.get(user=user)


def rules(user, row):
    """Action → the rule that decides it."""
    verdicts = explaining.of_one(Access.of(user, row.tenant.slug), row).verdicts
    return {action: (verdict.rule, verdict.rung) for action, verdict in verdicts.items()}


# ── The rules by name ─────────────────────────────────────────────────────────────────────────


def test_a_roles_capability_decides_where_nothing_else_does(viewer, agent):
    assert rules(viewer, agent)["view"] == ("capability", "")
    assert rules(viewer, agent)["run"] == ("lacking", "")


def test_a_restriction_is_named_only_where_the_role_would_do(tenant, viewer):
    hidden = AgentFactory(tenant=tenant, is_restricted=True)

    assert rules(viewer, hidden)["view"] == ("restricted", "")
    assert rules(viewer, hidden)["run"] == ("lacking", "")


def test_grants_are_named_with_their_rung(tenant, viewer, agent):
    assign_perm("change_agent", viewer, agent)
    assign_perm("manage_agent", Role.unscoped.get(tenant=tenant, slug="viewer").group, agent)

    assert rules(viewer, agent)["view"] == ("capability", "")
    assert rules(viewer, agent)["run"] == ("granted_to_person", "change")
    assert rules(viewer, agent)["publish"] == ("granted_to_role", "manage")


def test_a_denial_is_named_before_all_that_would_allow(tenant, admin, agent):
    assign_perm("manage_agent", admin, agent)
    assign_perm("deny_change_agent", Role.unscoped.get(tenant=tenant, slug="admin").group, agent)
    assign_perm("deny_manage_agent", admin, agent)

    assert rules(admin, agent)["run"] == ("capability", "")
    assert rules(admin, agent)["publish"] == ("denied_to_role", "change")
    assert rules(admin, agent)["manage"] == ("denied_to_person", "manage")


def test_ownership_is_named_before_denials_and_restrictions(tenant, owner):
    hidden = AgentFactory(tenant=tenant, is_restricted=True)
    assign_perm("deny_view_agent", owner, hidden)

    assert set(rules(owner, hidden).values()) == {("owner", "")}


def test_a_keys_limits_come_first(tenant, owner, agent):
    named = ApiKeyFactory(
        tenant=tenant, user=owner, scopes=["run_agents"], agent_ids=[uuid.uuid4()]
    )
    verdicts = explaining.of_one(Access.through(named.public_id), agent).verdicts

    assert verdicts["run"].rule == "not_named"
    assert verdicts["change"].rule == "out_of_scope"
    named.agent_ids = [agent.pk]
    named.save()
    assert explaining.of_one(Access.through(named.public_id), agent).allowed == ["view", "run"]


def test_a_key_that_names_agents_is_not_bound_by_that_elsewhere(tenant, owner):
    named = ApiKeyFactory(tenant=tenant, user=owner, scopes=["view_personas"], agent_ids=[])
    persona = PersonaFactory(tenant=tenant)

    assert explaining.of_one(Access.through(named.public_id), persona).allowed == ["view"]


def test_the_reason_tells_what_decides_and_what_is_denied_beyond(access, admin, viewer, agent):
    assign_perm("deny_change_agent", admin, agent)
    by_role, denied = explaining.WORDS["capability"], explaining.WORDS["denied_to_person"]

    assert explaining.of_one(access(viewer), agent).reason == by_role
    assert explaining.of_one(access(admin), agent).reason == f"{by_role}; {denied} (edit)"


def test_every_rule_has_its_words():
    assert all(explaining.WORDS.values())


# ── The pages ─────────────────────────────────────────────────────────────────────────────────


def test_a_person_is_found_by_address(page, admin, viewer):
    answer = page(admin).get(URL, {"person": "Viewer@acme.example"})

    assert answer.status_code == 302
    assert answer["Location"] == f"{URL}{member(viewer).pk}/"


def test_whoever_is_no_member_reaches_nothing(page, admin, stranger):
    for address in (stranger.email, "no@such.example"):
        answer = page(admin).get(URL, {"person": address})
        assert answer.status_code == 422
        assert "Nobody in this organisation has this address" in answer.content.decode()


def test_what_a_person_reaches_is_listed_with_the_rule(page, tenant, admin, viewer, agent):
    AgentFactory(tenant=tenant, name="Vault")
    hidden = AgentFactory(tenant=tenant, name="Sealed", is_restricted=True)
    assign_perm("view_agent", admin, hidden)
    shown = page(admin).get(f"{URL}{member(viewer).pk}/").content.decode()
    reached = page(admin).get(f"{URL}{member(viewer).pk}/", {"within": "reached"}).content.decode()

    assert "Sealed" in shown
    assert "restricted, and not granted" in shown or "the role may not" in shown
    assert "Clerk" in reached
    assert "Sealed" not in reached
    found = page(admin).get(f"{URL}{member(viewer).pk}/", {"q": "vau"}).content.decode()
    assert "Vault" in found
    assert "Clerk" not in found


def test_what_the_asker_may_not_see_is_not_told(page, tenant, admin, viewer):
    hidden = AgentFactory(tenant=tenant, name="Sealed", is_restricted=True)
    assign_perm("manage_agent", viewer, hidden)
    place = f"{URL}{member(viewer).pk}/"

    assert "Sealed" not in page(admin).get(place).content.decode()
    assert page(admin).get(f"{place}agents/{hidden.pk}/").status_code == 404


def test_an_explanation_names_the_rule_and_who_decided(page, access, admin, editor, agent):
    services.share(access(admin), agent, member(editor), allowed="", denied="run")
    shown = page(admin).get(f"{URL}{member(editor).pk}/agents/{agent.pk}/").content.decode()

    assert "Denied to this person (run)" in shown
    assert f"by {admin}" in shown


def test_who_is_suspended_reaches_nothing(page, access, owner, editor, agent):
    services.suspend_member(access(owner), member(editor))
    place = f"{URL}{member(editor).pk}/"

    assert "suspended: shut out" in page(owner).get(place).content.decode()
    assert "Clerk" not in page(owner).get(place, {"within": "reached"}).content.decode()


def test_it_is_for_who_keeps_members(page, editor, viewer, agent):
    place = f"{URL}{member(viewer).pk}/"
    for url in (URL, place, f"{place}agents/{agent.pk}/"):
        assert page(editor).get(url).status_code in (403, 404)


# ── The API ───────────────────────────────────────────────────────────────────────────────────


def test_the_api_explains_a_member_a_key_and_nobody(api, tenant, admin, viewer, agent):
    key = ApiKeyFactory(tenant=tenant, user=viewer, scopes=["view_tools"])
    asked = {
        "capability": {"member_id": member(viewer).pk},
        "out_of_scope": {"key_id": key.pk},
        "not_a_member": {"email": "no@such.example"},
    }
    for rule, who in asked.items():
        answer = api(admin).get("/access/explain", {**who, "agent_id": agent.pk}).json()
        assert answer["actions"][0]["rule"] == rule
        assert answer["may"] == (["view"] if rule == "capability" else [])
    by_address = api(admin).get("/access/explain", {"email": viewer.email, "agent_id": agent.pk})
    assert by_address.json()["may"] == ["view"]


def test_a_question_names_one_person_and_one_object(api, admin, viewer, agent):
    who, what = {"member_id": member(viewer).pk}, {"agent_id": agent.pk}
    for asked in (who, what, {**who, **what, "tool_id": agent.pk}, {**who, **what, "email": "x"}):
        assert api(admin).get("/access/explain", asked).status_code == 422


def test_the_api_tells_nothing_of_what_the_caller_may_not_see(
    api, tenant, other_tenant, admin, viewer, stranger, agent
):
    hidden = AgentFactory(tenant=tenant, name="Sealed", is_restricted=True)
    assign_perm("manage_agent", viewer, hidden)
    foreign = AgentFactory(tenant=other_tenant)
    for row in (hidden, foreign):
        asked = {"member_id": member(viewer).pk, "agent_id": row.pk}
        assert api(admin).get("/access/explain", asked).status_code == 404
    asked = {"member_id": member(stranger).pk, "agent_id": agent.pk}
    assert api(admin).get("/access/explain", asked).status_code == 404
    assert api(admin).get("/access/reach", {"member_id": member(stranger).pk}).status_code == 404
    reach = api(admin).get("/access/reach", {"member_id": member(viewer).pk}).json()
    assert [item["name"] for item in reach["items"]] == ["Clerk"]


def test_the_api_explains_to_who_keeps_members(api, admin, editor, viewer, agent):
    asked = {"member_id": member(viewer).pk, "agent_id": agent.pk}
    for client in (api(editor), api(admin, "manage_agents")):
        assert client.get("/access/explain", asked).status_code == 403
        assert client.get("/access/reach", {"member_id": member(viewer).pk}).status_code == 403
