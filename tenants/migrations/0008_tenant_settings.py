"""What an organisation decides for itself, and whether it is archived."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models

import tenants.models.base


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_platform_admins")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="default_provider",
            field=tenants.models.base.TenantForeignKey(
                blank=True,
                db_constraint=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="tenants.provider",
            ),
        ),
        migrations.AddField(
            model_name="tenant",
            name="default_model",
            field=models.CharField(blank=True, max_length=120),
        ),
        migrations.AddField(
            model_name="tenant",
            name="retention_days",
            field=models.PositiveIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="tenant",
            name="retention_applied_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="tenant",
            name="allowed_hosts",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=255), blank=True, default=list, size=None
            ),
        ),
        migrations.AddField(
            model_name="tenant",
            name="archived_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="tenant",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
    ]
