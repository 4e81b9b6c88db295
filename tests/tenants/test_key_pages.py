"""Settings → API keys."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from tenants import api_keys
from tenants.models import ApiKey, AuditEvent, Membership
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/settings/api-keys/"
WANTED = {"name": "Import", "scopes": ["view_agents", "run_agents"], "rate_seconds": "60"}


@pytest.fixture
def key(tenant, editor):
    return ApiKeyFactory(tenant=tenant, user=editor, name="Nightly", scopes=["run_agents"])


def shown(response):
    return re.search(r"data-key>(\w+)<", response.content.decode())[1]


def text(response):
    return response.content.decode()


def test_one_sees_ones_own_and_who_keeps_keys_sees_all(page, admin, editor, viewer, key):
    assert "Nightly" in text(page(editor).get(URL))
    assert "Nightly" in text(page(admin).get(URL))
    assert "Nightly" not in text(page(viewer).get(URL))
    assert page(viewer).get(f"{URL}{key.pk}/").status_code == 404


def test_where_all_keys_have_ended_the_list_leads_to_them(page, viewer, tenant):
    ApiKeyFactory(tenant=tenant, user=viewer, name="Former", revoked_at=timezone.now())

    content = text(page(viewer).get(URL))

    assert "No key is active" in content
    assert "No keys yet" not in content
    assert "Former" not in content
    [address] = re.findall(r'href="([^"]*)">Show ended keys<', content)
    assert "Former" in text(page(viewer).get(URL + address))


def test_who_never_had_a_key_is_offered_the_first(page, viewer, key):
    assert "No keys yet" in text(page(viewer).get(URL))


def test_a_key_is_shown_once_and_then_works(page, editor, tenant):
    client = page(editor)
    response = client.post(f"{URL}new/", WANTED)

    token = shown(response)
    key = ApiKey.unscoped.get()
    assert response["Cache-Control"] == "no-store"
    assert f'data-copy="{token}"' in text(response)
    assert api_keys.check(token).key == key
    for address in (URL, f"{URL}{key.pk}/", f"{URL}{key.pk}/edit/"):
        assert token not in text(client.get(address))
        assert token.split("_")[2] not in text(client.get(address))


def test_only_what_the_maker_holds_is_offered_and_taken(page, viewer):
    client = page(viewer)
    content = text(client.get(f"{URL}new/"))
    refused = client.post(f"{URL}new/", {**WANTED, "scopes": ["manage_agents"]})

    assert re.search(r'value="manage_agents"[^>]* disabled', content)
    assert not re.search(r'value="view_agents"[^>]* disabled', content)
    assert refused.status_code == 422
    assert not ApiKey.unscoped.exists()


def test_a_key_gets_its_bounds(page, editor, tenant):
    agent = AgentFactory(tenant=tenant)
    bounds = {
        "agents": [str(agent.pk)],
        "networks": "192.0.2.17\n2001:DB8::/32\n",
        "expires_on": "2099-01-31",
        "rate_limit": "10",
        "rate_seconds": "1",
    }

    page(editor).post(f"{URL}new/", {**WANTED, **bounds})

    key = ApiKey.unscoped.get()
    assert (key.agent_ids, key.networks) == ([agent.pk], ["192.0.2.17/32", "2001:db8::/32"])
    assert (key.rate_limit, key.rate_seconds) == (10, 1)
    assert key.expires_at.isoformat() == "2099-02-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("networks", "192.0.2.1/24", "is no address or network"),
        ("networks", "anywhere", "is no address or network"),
        ("networks", "fe80::1%eth0", "network"),
        ("expires_on", "2001-01-01", "over already"),
        ("expires_on", "soon", "valid date"),
        ("rate_limit", "0", "greater than or equal to 1"),
        ("rate_limit", "9999999999", "less than or equal"),
        ("rate_seconds", "7", "valid choice"),
        ("name", "", "required"),
        ("name", "x" * 121, "120 characters"),
        ("scopes", [], "at least one right"),
        ("scopes", ["fly"], "valid choice"),
    ],
)
def test_what_is_not_right_is_told_at_its_field(page, editor, field, value, told):
    response = page(editor).post(f"{URL}new/", {**WANTED, field: value})

    assert response.status_code == 422
    assert told in text(response)
    assert not ApiKey.unscoped.exists()


def test_an_agent_of_others_or_a_hidden_one_is_no_choice(page, editor, tenant, other_tenant):
    for agent in (
        AgentFactory(tenant=other_tenant),
        AgentFactory(tenant=tenant, is_restricted=True),
    ):
        response = page(editor).post(f"{URL}new/", {**WANTED, "agents": [str(agent.pk)]})
        assert response.status_code == 422

    assert not ApiKey.unscoped.exists()


def test_nothing_but_the_key_is_taken_from_the_form(page, editor, owner, other_tenant):
    forged = {"user": str(owner.pk), "tenant": str(other_tenant.pk), "revoked_at": "2020-01-01"}

    page(editor).post(f"{URL}new/", {**WANTED, **forged, "public_id": "mine", "digest": "x"})

    key = ApiKey.unscoped.get()
    assert (key.user, key.tenant.slug, key.revoked_at) == (editor, "acme", None)
    assert key.public_id != "mine"


def test_a_key_is_changed_and_the_change_holds_at_once(page, editor, key):
    form = {**WANTED, "name": "Other", "scopes": ["view_tools"]}

    page(editor).post(f"{URL}{key.pk}/edit/", form)

    assert api_keys.check(key.token).capabilities == {"view_tools"}
    event = AuditEvent.unscoped.get(action="api_key.updated")
    assert event.changes["name"] == ["Nightly", "Other"]


def test_agents_that_the_maker_may_no_longer_see_stay_in_the_key(page, editor, key, tenant):
    seen, hidden = AgentFactory(tenant=tenant), AgentFactory(tenant=tenant, is_restricted=True)
    ApiKey.unscoped.update(agent_ids=[seen.pk, hidden.pk])
    client = page(editor)

    client.post(f"{URL}{key.pk}/edit/", {**WANTED, "agents": [str(seen.pk)]})

    key.refresh_from_db()
    assert set(key.agent_ids) == {seen.pk, hidden.pk}
    detail = text(client.get(f"{URL}{key.pk}/"))
    assert str(hidden.pk) not in detail
    assert "1 that you may not see" in detail


def test_who_keeps_keys_ends_a_key_and_does_not_become_its_maker(page, admin, key):
    client = page(admin)

    assert client.get(f"{URL}{key.pk}/edit/").status_code == 403
    assert client.post(f"{URL}{key.pk}/rotate/", {"overlap_hours": "0"}).status_code == 403
    client.post(f"{URL}{key.pk}/revoke/")

    assert api_keys.check(key.token) is None
    assert AuditEvent.unscoped.filter(action="api_key.revoked").count() == 1


def test_a_key_of_who_is_out_says_so(page, admin, key):
    Membership.unscoped.filter(user=key.user).update(is_suspended=True)

    assert "Maker is out" in text(page(admin).get(URL))


def test_the_limit_of_all_keys_is_for_those_who_keep_them(page, admin, editor, tenant):
    form = {"rate_limit": "600", "rate_seconds": "60"}

    assert page(editor).post(f"{URL}limit/", form).status_code == 403
    page(admin).post(f"{URL}limit/", form)

    tenant.refresh_from_db()
    assert (tenant.key_rate_limit, tenant.key_rate_seconds) == (600, 60)
    assert AuditEvent.unscoped.filter(action="tenant.key_limit_changed").count() == 1


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, {"Goes on"}),
        ({"status": ""}, {"Goes on"}),
        ({"status": "ended"}, {"Revoked", "Expired"}),
        ({"status": "any"}, {"Goes on", "Revoked", "Expired"}),
        ({"q": "revoked"}, set()),
    ],
)
def test_ended_keys_are_listed_where_they_are_asked_for(page, owner, tenant, query, names):
    before = timezone.now() - timedelta(hours=1)
    for name, ended in {
        "Goes on": {},
        "Revoked": {"revoked_at": before},
        "Expired": {"expires_at": before},
    }.items():
        ApiKeyFactory(tenant=tenant, user=owner, name=name, **ended)

    for _ in range(3):  # the first is written, the next ones are prepared
        listed = page(owner).get(URL, query).context["page"]

        assert {key.name for key in listed.rows} == names
