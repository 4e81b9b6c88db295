"""A key that another key made ends with it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from tenants import services
from tenants.access import Access
from tenants.models import ApiKey, AuditEvent
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def parent(tenant, admin):
    return ApiKeyFactory(tenant=tenant, user=admin, name="Parent", scopes=["manage_keys"])


@pytest.fixture
def family(parent):
    """Parent, child and grandchild."""
    child, _ = made_with(parent, "Child")
    grandchild, _ = made_with(child, "Grandchild")
    return [parent, child, grandchild]


def made_with(key, name, **fields):
    through = Access.through(key.public_id)
    return services.create_api_key(through, name=name, scopes=["manage_keys"], **fields)


def test_revoking_ends_what_it_made_at_every_remove(tenant, access, admin, family):
    beside = ApiKeyFactory(tenant=tenant, user=admin)

    services.revoke_api_key(access(admin), family[0])

    assert [ApiKey.unscoped.get(pk=key.pk).status for key in family] == ["revoked"] * 3
    told = AuditEvent.unscoped.filter(action="api_key.revoked")
    assert sorted(told.values_list("object_label", flat=True)) == ["Child", "Grandchild", "Parent"]
    assert ApiKey.unscoped.get(pk=beside.pk).is_alive


def test_revoking_a_child_leaves_its_parent(access, admin, family):
    services.revoke_api_key(access(admin), family[1])

    assert [ApiKey.unscoped.get(pk=k.pk).is_alive for k in family] == [True, False, False]


def test_an_earlier_end_holds_for_what_it_made(access, admin, family):
    ends = timezone.now() + timedelta(days=1)

    services.update_api_key(access(admin), family[0], expires_at=ends)

    assert set(ApiKey.unscoped.values_list("expires_at", flat=True)) == {ends}
    with pytest.raises(ValidationError, match="ends before"):
        services.update_api_key(access(admin), ApiKey.unscoped.get(name="Child"), expires_at=None)
    services.update_api_key(access(admin), ApiKey.unscoped.get(name="Child"), name="Renamed")


def test_its_page_and_the_api_tell_what_made_it(page, admin, family, api):
    parent, child, _ = family

    of_parent = page(admin).get(parent.get_absolute_url())
    of_child = page(admin).get(child.get_absolute_url())

    assert "Made with it" in of_parent.text
    assert f'href="{child.get_absolute_url()}"' in of_parent.text
    assert f'href="{parent.get_absolute_url()}"' in of_child.text
    told = api(admin).get(f"/api-keys/{child.pk}").json()
    assert told["made_with_id"] == str(parent.pk)
