"""What the platform page tells of each tenant."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("config", "0001_worker_heartbeat"), ("tenants", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="TenantFigures",
            fields=[
                (
                    "tenant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="figures",
                        serialize=False,
                        to="tenants.tenant",
                    ),
                ),
                ("members", models.PositiveIntegerField(default=0)),
                ("agents", models.PositiveIntegerField(default=0)),
                ("documents", models.PositiveIntegerField(default=0)),
                (
                    "storage",
                    models.PositiveBigIntegerField(default=0, verbose_name="bytes of documents"),
                ),
                ("runs", models.PositiveIntegerField(default=0)),
                ("spend", models.DecimalField(decimal_places=9, default=0, max_digits=18)),
                ("failed_runs", models.PositiveIntegerField(default=0)),
                ("failed_jobs", models.PositiveIntegerField(default=0)),
                ("last_activity_at", models.DateTimeField(null=True)),
                ("counted_at", models.DateTimeField()),
            ],
        )
    ]
