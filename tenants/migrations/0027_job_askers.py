"""A job knows by which API key it was asked for, and who asked for another try."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tenants.models.base


class Migration(migrations.Migration):
    dependencies = [("tenants", "0026_sign_in_keys")]

    operations = [
        migrations.AddField(
            "job",
            "key",
            tenants.models.base.TenantForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tenants.apikey",
            ),
        ),
        migrations.AddField(
            "job",
            "retried_by",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(
            "ALTER TABLE tenants_job ADD CONSTRAINT tenants_job_tenant_key"
            " FOREIGN KEY (tenant_id, key_id) REFERENCES tenants_apikey (tenant_id, id)"
            " DEFERRABLE INITIALLY DEFERRED",
            "ALTER TABLE tenants_job DROP CONSTRAINT tenants_job_tenant_key",
        ),
    ]
