"""Tie sign-ins to one tenant."""

from django.db import migrations

from tenants.migration_operations import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("tenants", "0025_sign_in_provider")]

    operations = [TenantKeys("signinprovider", ["secret", "role"])]
