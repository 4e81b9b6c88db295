"""A default view and the view that it names belong to one tenant."""

from django.db import migrations

from tenants.migration_operations import TenantKeys


class Migration(migrations.Migration):
    dependencies = [("tenants", "0029_saved_views")]

    operations = [TenantKeys("SavedView"), TenantKeys("DefaultView", ["view"])]
