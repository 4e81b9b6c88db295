"""Waiting jobs of one kind in one organisation are found without reading all others."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0016_rate_bucket")]

    operations = [
        migrations.AddIndex(
            model_name="job",
            index=models.Index(
                condition=models.Q(status="queued"),
                fields=["tenant", "kind", "due_at"],
                name="job_waiting",
            ),
        ),
    ]
