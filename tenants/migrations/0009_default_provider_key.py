"""An organisation's default provider is one of its own, as far as the database can say it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("tenants", "0008_tenant_settings")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE tenants_tenant ADD CONSTRAINT tenants_tenant_tenant_default_provider"
            " FOREIGN KEY (id, default_provider_id) REFERENCES tenants_provider (tenant_id, id)"
            " DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE tenants_tenant DROP CONSTRAINT tenants_tenant_tenant_default_provider",
        )
    ]
