"""What a test commits is gone for the next one, and what migrations wrote is there."""

import pytest
from django.contrib.auth.models import Permission
from django.test import TransactionTestCase

from tenants.models import Tenant
from tests.factories.tenants import TenantFactory

pytestmark = pytest.mark.django_db(transaction=True)


def permissions():
    return set(Permission.objects.values_list("content_type__model", "codename"))


@pytest.mark.parametrize("changes_permissions", [False, True])
def test_only_what_migrations_wrote_is_left(changes_permissions):
    before = permissions()
    TenantFactory()
    if changes_permissions:
        Permission.objects.filter(codename="view_agent").delete()

    TransactionTestCase()._fixture_teardown()

    assert not Tenant.objects.exists()
    assert permissions() == before
