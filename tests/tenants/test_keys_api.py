"""/api/v1/api-keys: a key that makes keys makes none stronger than itself."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tenants import api_keys
from tenants.models import ApiKey, AuditEvent
from tests.conftest import ApiClient
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db
IN_A_DAY = timezone.now() + timedelta(days=1)


@pytest.fixture
def narrow(tenant, admin):
    """A client whose key keeps keys and runs agents, within these bounds."""

    def client(**bounds):
        scopes = ["manage_keys", "run_agents"]
        return ApiClient(ApiKeyFactory(tenant=tenant, user=admin, scopes=scopes, **bounds).token)

    return client


def test_a_key_is_made_shown_once_and_used(api, admin):
    answer = api(admin).post("/api-keys", {"name": "Import", "scopes": ["run_agents"]})

    made = answer.json()
    assert answer.status_code == 201
    assert answer["Location"] == f"/api/v1/api-keys/{made['id']}"
    assert answer["Cache-Control"] == "no-store"
    assert made["key"].startswith(made["public_id"])
    assert ApiClient(made["key"]).get("/agents").status_code == 200
    read = api(admin).get(f"/api-keys/{made['id']}").json()
    assert "key" not in read
    assert made["key"].split("_")[2] not in str(read)


def test_without_the_scope_a_key_manages_none(api, editor, admin):
    for client in (api(editor), api(admin, "manage_agents")):
        body = {"name": "More", "scopes": ["view_agents"]}
        assert client.post("/api-keys", body).status_code == 403
        assert client.get("/api-keys").status_code == 403

    assert not ApiKey.unscoped.filter(name="More").exists()


def test_no_scope_is_given_that_the_key_lacks_though_its_maker_holds_it(narrow):
    answer = narrow().post("/api-keys", {"name": "More", "scopes": ["change_agents"]})

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert not ApiKey.unscoped.filter(name="More").exists()


@pytest.mark.parametrize(
    ("own", "wider", "within"),
    [
        (
            {"networks": ["192.0.2.0/24"]},
            [{"networks": []}, {"networks": ["192.0.0.0/16"]}, {"networks": ["::/0"]}],
            {"networks": ["192.0.2.17"]},
        ),
        (
            {"expires_at": IN_A_DAY},
            [{}, {"expires_at": (IN_A_DAY + timedelta(seconds=1)).isoformat()}],
            {"expires_at": IN_A_DAY.isoformat()},
        ),
        (
            {"rate_limit": 10, "rate_seconds": 60},
            [{}, {"rate_limit": 11}, {"rate_limit": 10, "rate_seconds": 1}],
            {"rate_limit": 10, "rate_seconds": 60},
        ),
    ],
)
def test_a_key_gives_no_wider_bounds_than_its_own(narrow, own, wider, within):
    client = narrow(**own)
    wanted = {"name": "More", "scopes": ["run_agents"]}
    from_home = {"REMOTE_ADDR": "192.0.2.1"}

    for bounds in wider:
        answer = client.post("/api-keys", {**wanted, **bounds}, **from_home)
        assert answer.status_code == 403, bounds
    assert client.post("/api-keys", {**wanted, **within}, **from_home).status_code == 201


def test_a_key_for_named_agents_gives_no_others(narrow, tenant):
    mine, other = AgentFactory(tenant=tenant), AgentFactory(tenant=tenant)
    client = narrow(agent_ids=[mine.pk])
    wanted = {"name": "More", "scopes": ["run_agents"]}

    assert client.post("/api-keys", wanted).status_code == 403
    body = {**wanted, "agent_ids": [str(other.pk)]}
    assert client.post("/api-keys", body).status_code == 404
    body = {**wanted, "agent_ids": [str(mine.pk)]}
    assert client.post("/api-keys", body).status_code == 201


def test_a_stronger_key_of_the_same_maker_is_neither_rotated_nor_changed(narrow, tenant, admin):
    strong = ApiKeyFactory(tenant=tenant, user=admin, scopes=["manage_agents"])
    client = narrow()

    assert client.post(f"/api-keys/{strong.pk}/rotate").status_code == 403
    assert client.patch(f"/api-keys/{strong.pk}", {"name": "x"}).status_code == 403
    assert api_keys.check(strong.token)


def test_a_key_does_not_widen_itself(narrow):
    client = narrow(networks=["127.0.0.0/8"])
    mine = ApiKey.unscoped.get()

    for change in ({"networks": []}, {"scopes": ["manage_agents"]}, {"expires_at": None}):
        client.patch(f"/api-keys/{mine.pk}", change)

    mine.refresh_from_db()
    assert (mine.networks, mine.scopes) == (["127.0.0.0/8"], ["manage_keys", "run_agents"])


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"expires_at": "2001-01-01T00:00:00Z"}, "/expires_at"),
        ({"expires_at": "2099-01-01T00:00:00"}, "/expires_at"),
        ({"networks": ["10.0.0.1/8"]}, "/networks"),
        ({"networks": ["localhost"]}, "/networks"),
        ({"networks": [""]}, "/networks"),  # not: from everywhere
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["fly"]}, "/scopes"),
        ({"rate_limit": 0}, "/rate_limit"),
        ({"rate_seconds": 100_000}, "/rate_seconds"),
        ({"agent_ids": []}, "/agent_ids"),
        ({"name": " "}, "/name"),
        ({"user_id": "01990000-0000-7000-8000-000000000000"}, "/user_id"),
        ({"tenant": "globex"}, "/tenant"),
    ],
)
def test_what_is_not_right_is_pointed_at(api, admin, body, pointer):
    answer = api(admin).post("/api-keys", {"name": "More", "scopes": ["run_agents"], **body})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not ApiKey.unscoped.filter(name="More").exists()


def test_an_agent_of_others_and_a_withheld_one_are_as_unknown(api, admin, tenant, other_tenant):
    hidden = AgentFactory(tenant=tenant, is_restricted=True)
    unknown = "01990000-0000-7000-8000-000000000000"
    for pk in (AgentFactory(tenant=other_tenant).pk, hidden.pk, unknown):
        body = {"name": "More", "scopes": ["run_agents"], "agent_ids": [str(pk)]}
        answer = api(admin).post("/api-keys", body)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert not ApiKey.unscoped.filter(name="More").exists()


def test_a_change_against_a_moved_version_is_a_412(api, admin):
    client = api(admin)
    mine = ApiKey.unscoped.get()
    url, first = f"/api-keys/{mine.pk}", {"headers": {"If-Match": '"1"'}}

    assert client.patch(url, {"name": "First"}, **first).json()["version"] == 2
    late = client.patch(url, {"name": "Second"}, **first)

    assert (late.status_code, late.json()["version"]) == (412, 2)
    assert client.get(url).json()["name"] == "First"


def test_rotating_and_revoking_hold_at_once_and_are_told(api, admin, tenant):
    key = ApiKeyFactory(tenant=tenant, user=admin, scopes=["view_agents"])
    client = api(admin)

    rotated = client.post(f"/api-keys/{key.pk}/rotate", {"overlap_hours": 1}).json()
    assert ApiClient(key.token).get("/agents").status_code == 200
    assert ApiClient(rotated["key"]).get("/agents").status_code == 200

    assert client.delete(f"/api-keys/{key.pk}").status_code == 204
    assert client.delete(f"/api-keys/{key.pk}").status_code == 204
    for token in (key.token, rotated["key"]):
        assert ApiClient(token).get("/agents").status_code == 401
    assert client.get("/api-keys", {"status": "revoked"}).json()["items"][0]["id"] == str(key.pk)
    events = AuditEvent.unscoped.filter(action__startswith="api_key").order_by("number")
    assert [event.action for event in events] == ["api_key.rotated", "api_key.revoked"]


@pytest.mark.parametrize("hours", [-1, 169, 1.5, "soon"])
def test_an_overlap_has_its_bounds(api, admin, hours):
    mine = api(admin), ApiKey.unscoped.get()

    assert (
        mine[0].post(f"/api-keys/{mine[1].pk}/rotate", {"overlap_hours": hours}).status_code == 422
    )
