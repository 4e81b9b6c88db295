"""Tie every persona to one tenant, with whatever will point at it."""

from django.db import migrations

from tenants.migration_operations import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("personas", "0001_initial"), ("tenants", "0002_tenant_keys")]

    operations = [TenantKeys("persona")]
