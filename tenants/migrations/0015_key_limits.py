"""Keys have a version, addresses, a limit of requests, and an overlap when they are rotated."""

import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0014_audit_guard")]

    operations = [
        migrations.AddField(
            "apikey", "version", models.PositiveIntegerField(default=1, editable=False)
        ),
        migrations.AddField(
            "apikey",
            "membership",
            models.ForeignObject(
                from_fields=["tenant", "user"],
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="tenants.membership",
                to_fields=["tenant", "user"],
            ),
        ),
        migrations.AddField(
            "apikey",
            "networks",
            django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=43), default=list, size=None
            ),
        ),
        migrations.AddField("apikey", "rate_limit", models.PositiveIntegerField(null=True)),
        migrations.AddField("apikey", "rate_seconds", models.PositiveIntegerField(default=60)),
        migrations.AddField("apikey", "rotated_at", models.DateTimeField(null=True)),
        migrations.AddField("apikey", "previous_digest", models.BinaryField(null=True)),
        migrations.AddField("apikey", "previous_ends_at", models.DateTimeField(null=True)),
        migrations.AddField("apikey", "last_used_from", models.GenericIPAddressField(null=True)),
        migrations.AddIndex(
            "apikey", models.Index(fields=["tenant", "-created_at", "-id"], name="key_by_time")
        ),
        migrations.AddField(
            "tenant", "key_rate_limit", models.PositiveIntegerField(blank=True, null=True)
        ),
        migrations.AddField("tenant", "key_rate_seconds", models.PositiveIntegerField(default=60)),
    ]
