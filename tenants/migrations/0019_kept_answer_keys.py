"""Tie kept answers to one tenant."""

from django.db import migrations

from tenants.migration_operations import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("tenants", "0018_kept_answer")]

    operations = [TenantKeys("keptanswer", ["key"])]
