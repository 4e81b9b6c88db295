"""An organisation in few statements: most tests begin with one."""

from django.db import connection

from tenants import audit
from tenants.capabilities import BUILT_IN_ROLES
from tenants.ids import uuid7
from tenants.models import Tenant

# The built-in roles with their groups and what they may do. Keys are looked at at the end of a
# transaction, so that a statement's parts need no order.
_ROLES = """
WITH role AS (
    SELECT %(tenant)s::uuid AS tenant, %(tenant)s::text || ':' || slug AS name, *
    FROM unnest(%(ids)s::uuid[], %(slugs)s::text[], %(labels)s::text[]) AS role (id, slug, label)
), grouped AS (
    INSERT INTO auth_group (name) SELECT name FROM role RETURNING id, name
), granted AS (
    INSERT INTO tenants_tenantrolegrant (permission_id, group_id, content_object_id)
    SELECT permission.id, grouped.id, role.tenant
    FROM unnest(%(holders)s::text[], %(capabilities)s::text[]) AS held (slug, codename)
    JOIN role USING (slug)
    JOIN grouped USING (name)
    JOIN auth_permission AS permission USING (codename)
    JOIN django_content_type AS kind ON kind.id = permission.content_type_id
    WHERE (kind.app_label, kind.model) = ('tenants', 'tenant')
)
INSERT INTO tenants_role
    (id, tenant_id, group_id, slug, label, description, is_built_in, created_at, updated_at)
SELECT role.id, tenant, grouped.id, slug, label, '', true, now(), now()
FROM role JOIN grouped USING (name)
"""
_HELD = [(slug, name) for slug, (_, held) in BUILT_IN_ROLES.items() for name in sorted(held)]


@audit.atomic()
def organisation(slug, name):
    """As `services.create_tenant` makes it; test_factories.py compares them."""
    tenant = Tenant(slug=slug, name=name)
    tenant.save(force_insert=True)
    roles = {
        "tenant": tenant.pk,
        "ids": [uuid7() for _ in BUILT_IN_ROLES],
        "slugs": list(BUILT_IN_ROLES),
        "labels": [label for label, _ in BUILT_IN_ROLES.values()],
        "holders": [slug for slug, _ in _HELD],
        "capabilities": [capability for _, capability in _HELD],
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, roles)
    audit.record_system(tenant, "tenant.created", tenant)
    return tenant
