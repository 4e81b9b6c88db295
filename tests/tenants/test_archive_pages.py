"""Archiving and bringing back, in the browser."""

import re

import pytest
from django.urls import reverse

from tenants import services
from tenants.access import Access
from tenants.models import Role, Tenant
from tenants.settings_pages import PAGES
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory
from tests.factories.personas import PersonaFactory
from tests.factories.tenants import (
    ApiKeyFactory,
    ModelPriceFactory,
    SecretFactory,
    SignInProviderFactory,
)
from tests.factories.tools import ToolFactory

pytestmark = pytest.mark.django_db


def is_archived():
    return Tenant.objects.get(slug="acme").is_archived


def test_archiving_wants_the_address_typed(page, owner):
    client = page(owner)

    refused = client.post("/t/acme/settings/archive/", {"typed": "acne"})
    assert refused.status_code == 422
    assert "Nothing was archived" in refused.content.decode()
    assert not is_archived()

    client.post("/t/acme/settings/archive/", {"typed": "acme"})
    assert is_archived()
    assert "is archived" in client.get("/t/acme/agents/").content.decode()
    assert client.post("/t/acme/settings/edit/", {"name": "Mine"}).status_code == 403

    client.post("/t/acme/settings/unarchive/")
    assert not is_archived()


def test_an_admin_neither_archives_nor_brings_back(page, admin, owner, tenant):
    assert page(admin).post("/t/acme/settings/archive/", {"typed": "acme"}).status_code == 403
    services.archive_tenant(Access.of(owner, "acme"), tenant)
    assert page(admin).post("/t/acme/settings/unarchive/").status_code == 404


@pytest.fixture
def furnished(tenant, access, owner, viewer):
    """Something on every list that could be changed; and the pages of it that can be read."""
    variables = [{"name": "city", "description": "", "default": "Lyon", "required": False}]
    rows = [
        PersonaFactory(tenant=tenant, variables=variables, instructions="{{city}}"),
        ToolFactory(tenant=tenant),
        SourceFactory(tenant=tenant),
        ApiKeyFactory(tenant=tenant, user=owner, scopes=["view_agents"]),
        ModelPriceFactory(tenant=tenant),
        services.create_role(access(owner), label="Desk", capabilities=["view_agents"]),
        AgentFactory(tenant=tenant),
    ]
    SecretFactory(tenant=tenant)
    SignInProviderFactory(tenant=tenant)
    role = Role.unscoped.get(tenant=tenant, slug="viewer")
    services.invite_by_link(access(owner), role=role, days=7, base_url="https://r.test")
    return [row.get_absolute_url() for row in rows]


def test_in_an_archived_organisation_nothing_is_offered_that_would_be_refused(
    page, owner, tenant, furnished
):
    services.archive_tenant(Access.of(owner, "acme"), tenant)
    client, lists = page(owner), ("agents", "personas", "tools", "knowledge", "runs", "activity")
    read = [*furnished, "/t/acme/", *(f"/t/acme/{place}/" for place in lists)]
    read += [reverse(entry.url_name, args=["acme"]) for entry in PAGES]

    for url in read:
        response = client.get(url)
        assert response.status_code == 200, url
        main = re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)[0]
        assert re.findall(r'method="post" action="([^"]*)"', main) == [
            "/t/acme/settings/unarchive/"
        ], url
        assert not re.findall(
            r'data-opens|<a class="button"[^>]*href="[^"]*/(?:new|edit)/"', main
        ), url

    for form in ("settings/secrets/new/", "settings/edit/", "agents/new/"):
        assert client.get(f"/t/acme/{form}").status_code == 403, form
