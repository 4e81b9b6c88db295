"""Sharing by API: the same operations on agents, personas, tools and knowledge."""

import pytest

from tenants import sharing
from tenants.models import Membership, Role
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tools import ToolFactory

pytestmark = pytest.mark.django_db

KINDS = {
    "agents": AgentFactory,
    "personas": PersonaFactory,
    "tools": ToolFactory,
    "knowledge": SourceFactory,
}
each_kind = pytest.mark.parametrize("kind", KINDS)


def member(user):
    return Membership.unscoped.get(user=user)


@each_kind
def test_an_object_is_restricted_and_read_again(api, access, tenant, admin, editor, kind):
    row = KINDS[kind](tenant=tenant)
    answer = api(admin).patch(f"/{kind}/{row.pk}/access", {"is_restricted": True})

    assert answer.json() == api(admin).get(f"/{kind}/{row.pk}/access").json()
    assert answer.json()["is_restricted"] is True
    by_name = {role["name"]: role for role in answer.json()["roles"]}
    assert by_name["Editor"]["may"] == []
    assert by_name["Editor"]["rule"] == "restricted"
    assert by_name["Owner"]["rule"] == "owner"
    assert not access(editor).may_do(row, "view")


@each_kind
def test_a_member_is_granted_and_denied(api, access, tenant, admin, viewer, kind):
    row = KINDS[kind](tenant=tenant)
    path = f"/{kind}/{row.pk}/access/members/{member(viewer).pk}"
    body = {"allowed": "manage", "denied": "change"}

    assert api(admin).call("put", path, body).json() == body
    assert not access(viewer).may_do(row, "change")
    items = api(admin).get(f"/{kind}/{row.pk}/access/members").json()["items"]
    [listed] = [item for item in items if item["email"] == viewer.email]
    assert (listed["allowed"], listed["denied"]) == ("manage", "change")
    assert listed["may"] == [
        a for a in sharing.actions_of(type(row)) if access(viewer).may_do(row, a)
    ]
    assert api(admin).call("put", path, {}).json() == {"allowed": None, "denied": None}


@each_kind
def test_a_role_is_denied(api, access, tenant, admin, editor, kind):
    row = KINDS[kind](tenant=tenant)
    role = Role.unscoped.get(tenant=tenant, slug="editor")
    path = f"/{kind}/{row.pk}/access/roles/{role.pk}"

    assert api(admin).call("put", path, {"denied": "view"}).status_code == 200
    assert not access(editor).may_do(row, "view")


def test_only_who_may_share_it_reads_or_changes_it(api, tenant, admin, editor, viewer):
    agent = AgentFactory(tenant=tenant)
    place = f"/agents/{agent.pk}/access"
    for client in (api(editor), api(admin, "change_agents")):
        assert client.get(place).status_code == 403
        assert client.get(f"{place}/members").status_code == 403
        assert client.patch(place, {"is_restricted": True}).status_code == 403
        path = f"{place}/members/{member(viewer).pk}"
        assert client.call("put", path, {"allowed": "view"}).status_code == 403


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"allowed": "upload"}, "/allowed"),
        ({"allowed": "publish"}, "/allowed"),
        ({"denied": 1}, "/denied"),
        ({"role": "owner"}, "/role"),
    ],
)
def test_what_is_no_rung_is_pointed_at(api, tenant, admin, viewer, body, pointer):
    path = f"/agents/{AgentFactory(tenant=tenant).pk}/access/members/{member(viewer).pk}"
    answer = api(admin).call("put", path, body)

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


def test_denying_an_owner_is_refused_with_the_reason(api, tenant, admin, owner):
    path = f"/agents/{AgentFactory(tenant=tenant).pk}/access/members/{member(owner).pk}"
    answer = api(admin).call("put", path, {"denied": "view"})

    assert answer.status_code == 422
    assert "could lift the denial" in answer.json()["errors"][0]["detail"]


def test_foreign_holders_and_objects_are_not_there(api, tenant, other_tenant, admin, stranger):
    mine, foreign = AgentFactory(tenant=tenant), AgentFactory(tenant=other_tenant)
    theirs = member(stranger)
    for path in (
        f"/agents/{mine.pk}/access/members/{theirs.pk}",
        f"/agents/{mine.pk}/access/roles/{theirs.role_id}",
        f"/agents/{foreign.pk}/access/members/{member(admin).pk}",
    ):
        assert api(admin).call("put", path, {"allowed": "view"}).status_code == 404


def test_members_come_in_pages(api, cast, tenant):
    path = f"/agents/{AgentFactory(tenant=tenant).pk}/access/members"
    first = api(cast.admin).get(path, {"limit": 3}).json()
    rest = api(cast.admin).get(path, {"limit": 3, "cursor": first["next_cursor"]}).json()

    emails = [item["email"] for item in [*first["items"], *rest["items"]]]
    assert len(emails) == len(set(emails)) == 5
    assert rest["next_cursor"] is None
