"""Tie every tool and its secret to one tenant."""

from django.db import migrations

from tenants.migration_operations import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("tools", "0001_initial"), ("tenants", "0002_tenant_keys")]

    operations = [TenantKeys("tool", ["secret"])]
