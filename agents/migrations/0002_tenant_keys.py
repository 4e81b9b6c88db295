"""Tie every row of the registry, and what it points at, to one tenant."""

from django.db import migrations

from tenants.migration_operations import TenantKeys

# Agents and versions point at each other, so one of the two keys follows by itself.
_PUBLISHED_VERSION = """
ALTER TABLE agents_agent ADD CONSTRAINT agents_agent_tenant_published_version
    FOREIGN KEY (tenant_id, published_version_id)
    REFERENCES agents_agentversion (tenant_id, id) DEFERRABLE INITIALLY DEFERRED
"""
_NO_PUBLISHED_VERSION = """
ALTER TABLE agents_agent DROP CONSTRAINT agents_agent_tenant_published_version
"""


class Migration(migrations.Migration):
    dependencies = [
        ("agents", "0001_initial"),
        ("knowledge", "0002_tenant_keys"),
        ("personas", "0002_tenant_keys"),
        ("tenants", "0002_tenant_keys"),
        ("tools", "0002_tenant_keys"),
    ]

    operations = [
        TenantKeys("agent", ["provider", "persona"]),
        TenantKeys("agentversion", ["agent"]),
        migrations.RunSQL(_PUBLISHED_VERSION, _NO_PUBLISHED_VERSION),
        TenantKeys("agenttool", ["agent", "tool"]),
        TenantKeys("agentsource", ["agent", "source"]),
    ]
