"""A key that another key made knows that one, and ends with it."""

import django.db.models.deletion
from django.db import migrations

import tenants.models.base


class Migration(migrations.Migration):
    dependencies = [("tenants", "0027_job_askers")]

    operations = [
        migrations.AddField(
            "apikey",
            "made_with",
            tenants.models.base.TenantForeignKey(
                db_constraint=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="made",
                to="tenants.apikey",
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE tenants_apikey ADD CONSTRAINT tenants_apikey_tenant_made_with"
            " FOREIGN KEY (tenant_id, made_with_id) REFERENCES tenants_apikey (tenant_id, id)"
            " DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE tenants_apikey DROP CONSTRAINT tenants_apikey_tenant_made_with",
        ),
    ]
