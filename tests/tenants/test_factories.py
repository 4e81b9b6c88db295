"""The tests' own way to make an organisation makes what the service makes."""

import pytest

from tenants import services
from tenants.models import AuditEvent, AuditHead, Role, TenantRoleGrant
from tests.factories.tenants import TenantFactory

pytestmark = pytest.mark.django_db
DIFFERENT = {"id", "tenant_id", "slug", "name", "group_id", "number", "hash", "previous_hash"}


def told(row):
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in DIFFERENT and not field.attname.endswith("_at")
    }


def test_it_is_as_the_service_makes_it():
    made = services.create_tenant(slug="acme", name="Acme")
    quick = TenantFactory(slug="globex", name="Globex")

    quick.refresh_from_db()
    assert told(quick) == told(made)
    for tenant in (made, quick):
        tenant.roles = {
            role.slug: role for role in Role.unscoped.filter(tenant=tenant).order_by("pk")
        }
    assert [*quick.roles] == [*made.roles]
    for slug, role in quick.roles.items():
        assert told(role) == told(made.roles[slug])
        assert role.group.name == f"{quick.pk}:{slug}"
        assert granted(role) == granted(made.roles[slug])


def granted(role):
    grants = TenantRoleGrant.objects.filter(group=role.group, content_object=role.tenant)
    return sorted(grants.values_list("permission__codename", flat=True))


def test_its_log_begins_alike():
    for slug, make in (("acme", services.create_tenant), ("globex", TenantFactory)):
        tenant = make(slug=slug, name=slug)
        [event] = AuditEvent.unscoped.filter(tenant=tenant)
        assert (event.action, event.number) == ("tenant.created", 1)
        assert AuditHead.unscoped.get(tenant=tenant).hash == event.hash
