from django.db import migrations

from tenants.migration_operations import TenantKeys


class Migration(migrations.Migration):
    dependencies = [
        ("runs", "0001_initial"),
        ("agents", "0002_tenant_keys"),
        ("personas", "0002_tenant_keys"),
        ("tools", "0002_tenant_keys"),
        ("tenants", "0002_tenant_keys"),
    ]

    operations = [
        TenantKeys("agentrun", ["agent", "version", "persona", "key"]),
        TenantKeys("runstep", ["run"]),
        TenantKeys("toolexecution", ["run", "step", "tool"]),
        TenantKeys("runevent", ["run"]),
        TenantKeys("usagerecord", ["run", "step", "agent", "provider"]),
    ]
