"""Tie invitations to one tenant."""

from django.db import migrations

from tenants.migration_operations import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("tenants", "0003_invitation")]

    operations = [TenantKeys("invitation", ["role"])]
