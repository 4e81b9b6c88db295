"""Putting values of the organisation and of its settings back."""

from decimal import Decimal

import pytest

from tenants import granting, services
from tenants.models import AuditEvent, Provider, Secret, Tenant
from tests.factories.tenants import (
    ApiKeyFactory,
    ModelPriceFactory,
    ProviderFactory,
    SecretFactory,
    SignInProviderFactory,
)

pytestmark = pytest.mark.django_db


def told(answer):
    assert answer.status_code == 422, answer.status_code
    return " ".join(answer.context["reasons"])


def test_a_role_gets_rights_back_and_one_event_tells_it(put_back, access, owner):
    role = services.create_role(access(owner), label="Desk", capabilities=["view_agents"])
    services.update_role(access(owner), role, label="Desk", capabilities=["view_tools"])

    answer, is_offered, _ = put_back(role, "capabilities")

    assert (answer.status_code, is_offered) == (302, True)
    last = AuditEvent.unscoped.latest("number")
    assert last.changes == {"capabilities": [["view_tools"], ["view_agents"]]}


def test_what_was_just_made_has_nothing_to_put_back(put_back, access, owner):
    role = services.create_role(access(owner), label="Desk", capabilities=["view_agents"])

    answer, is_offered, _ = put_back(role, "capabilities")

    assert "isn’t kept" in told(answer)
    assert not is_offered
    assert granting.capabilities_of(role) == {"view_agents"}


def test_nobody_puts_a_right_back_that_they_do_not_hold(put_back, access, owner, admin):
    rights = ["manage_tenant", "view_agents"]
    role = services.create_role(access(owner), label="Desk", capabilities=rights)
    services.update_role(access(owner), role, label="Desk", capabilities=["view_agents"])

    assert "Nobody grants what they don’t hold" in told(put_back(role, "capabilities", admin)[0])
    assert granting.capabilities_of(role) == {"view_agents"}


def test_a_name_that_another_has_meanwhile_stays_where_it_is(put_back, access, owner, tenant):
    secret, provider = SecretFactory(tenant=tenant, name="A"), ProviderFactory(tenant=tenant)
    provider.name = "A"
    provider.save()
    rest = {"kind": provider.kind, "base_url": provider.base_url, "default_model": "m"}
    services.replace_secret(access(owner), secret, name="B")
    services.update_provider(access(owner), provider, name="B", **rest)
    SecretFactory(tenant=tenant, name="A")
    ProviderFactory(tenant=tenant, name="A")

    assert told(put_back(secret, "name")[0]) == "Another secret has this name."
    assert told(put_back(provider, "name")[0]) == "Provider with this Name already exists."
    assert Secret.unscoped.filter(name="B").exists()
    assert Provider.unscoped.filter(name="B").exists()


def test_a_provider_gets_no_earlier_host_without_its_secret(put_back, access, owner, tenant):
    provider = ProviderFactory(tenant=tenant, secret=SecretFactory(tenant=tenant))
    rest = {"name": provider.name, "kind": "compatible", "default_model": "large"}
    other = {"base_url": "https://other.example.com/v1", "key": "canary-0123456789"}
    services.update_provider(access(owner), provider, secret=None, **rest, **other)

    assert "type its key again" in told(put_back(provider, "base_url")[0])
    answer, is_offered, event = put_back(provider, "default_model")
    assert (answer.status_code, provider.default_model) == (302, "test-model")
    assert is_offered
    assert provider.base_url == other["base_url"]
    assert "secret" in event.changes
    assert told(put_back(provider, "secret")[0])


def test_a_price_and_a_sign_in_get_single_values_back(put_back, access, owner, tenant):
    price, sign_in = ModelPriceFactory(tenant=tenant), SignInProviderFactory(tenant=tenant)
    price.refresh_from_db()
    fields = ("model", "input_mtok", "output_mtok", "cached_input_mtok", "currency")
    now = {name: getattr(price, name) for name in fields}
    services.update_price(access(owner), price, **now | {"input_mtok": Decimal(3)})
    opening = ("name", "kind", "server_url", "client_id", "domains", "role", "is_enabled")
    now = {name: getattr(sign_in, name) for name in opening}
    services.update_sign_in(access(owner), sign_in, **now | {"domains": ["example.net"]})

    assert put_back(price, "input_mtok")[0].status_code == 302
    assert put_back(sign_in, "domains")[0].status_code == 302

    assert (price.input_mtok, sign_in.domains) == (Decimal(2), ["example.org"])
    changes = AuditEvent.unscoped.get(action="price.updated", changes__input_mtok__0="3").changes
    assert changes == {"input_mtok": ["3", "2"]}


def test_the_organisation_gets_its_address_back_unless_it_is_taken(
    put_back, access, owner, tenant, page
):
    provider = ProviderFactory(tenant=tenant)
    services.update_tenant(access(owner), default_provider=provider, slug="acme-two")
    event = AuditEvent.unscoped.latest("number")
    client = page(owner)
    url = f"/t/acme-two/activity/{event.pk}/restore/"

    answer = client.post(f"{url}slug/")

    assert answer["Location"] == "/t/acme/settings/"
    client.post(f"{url}default_provider/", follow=True)
    assert Tenant.objects.get(slug="acme").default_provider is None
    provider.delete()
    event = AuditEvent.unscoped.latest("number")
    gone = client.post(f"/t/acme/activity/{event.pk}/restore/default_provider/")
    assert "is no more, or that isn’t shared with you" in told(gone)


def test_only_who_keeps_the_organisation_puts_its_settings_back(put_back, access, owner, admin):
    tenant = services.update_tenant(access(owner), name="Acme & Daughters")

    answer, is_offered, _ = put_back(tenant, "name", admin)

    assert (answer.status_code, is_offered) == (403, False)
    assert tenant.name == "Acme & Daughters"


def test_a_key_gets_rights_back_from_its_maker_only(put_back, access, owner, admin, tenant):
    key = ApiKeyFactory(tenant=tenant, user=admin, scopes=["view_agents", "view_tools"])
    services.update_api_key(access(admin), key, scopes=["view_tools"])

    assert put_back(key, "scopes", owner)[0].status_code == 403
    assert put_back(key, "scopes", admin)[0].status_code == 302
    assert key.scopes == ["view_agents", "view_tools"]

    services.revoke_api_key(access(admin), key)
    answer, is_offered, _ = put_back(key, "scopes", admin)
    assert (told(answer), is_offered) == ("This key has ended. Make a new one.", False)
