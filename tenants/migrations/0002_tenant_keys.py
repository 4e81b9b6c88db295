"""Tie every tenant-owned row of the ground floor to one tenant."""

from django.db import migrations

from tenants.migration_operations import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("tenants", "0001_initial")]

    operations = [
        TenantKeys("role"),
        TenantKeys("membership", ["role"]),
        TenantKeys("secret"),
        TenantKeys("provider", ["secret"]),
        TenantKeys("apikey"),
        TenantKeys("auditevent", ["key"]),
        TenantKeys("job"),
    ]
