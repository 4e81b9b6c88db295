"""Answers are kept under their Idempotency-Key."""

import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

import tenants.ids
import tenants.models.base


class Migration(migrations.Migration):
    dependencies = [("tenants", "0017_job_waiting")]

    operations = [
        migrations.CreateModel(
            name="KeptAnswer",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                ("name", models.CharField(max_length=255)),
                ("fingerprint", models.BinaryField()),
                ("status", models.PositiveSmallIntegerField()),
                ("headers", models.JSONField(default=dict)),
                ("source", models.CharField(blank=True, max_length=40)),
                ("sealed", models.BinaryField()),
                ("sealed_by", models.CharField(max_length=40)),
                ("expires_at", models.DateTimeField(db_index=True)),
                (
                    "key",
                    tenants.models.base.TenantForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.apikey",
                    ),
                ),
                (
                    "tenant",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tenants.tenant",
                    ),
                ),
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "default_manager_name": "unscoped",
                "constraints": [models.UniqueConstraint(fields=("key", "name"), name="one_answer")],
            },
            managers=[("unscoped", django.db.models.manager.Manager())],
        ),
    ]
