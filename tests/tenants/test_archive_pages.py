"""Archiving and bringing back, in the browser."""

import pytest

from tenants import services
from tenants.access import Access
from tenants.models import Tenant

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
