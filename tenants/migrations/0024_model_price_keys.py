"""A price and its provider belong to one tenant."""

from django.db import migrations

from tenants.migration_operations import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("tenants", "0023_model_price")]

    operations = [TenantKeys("ModelPrice", ["provider"])]
