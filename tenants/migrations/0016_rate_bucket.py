"""How much of a key's allowance is spent; lost in a crash, which then begins a new window."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0015_key_limits")]

    operations = [
        migrations.CreateModel(
            "RateBucket",
            [
                (
                    "key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="tenants.apikey",
                    ),
                ),
                ("began_at", models.DateTimeField()),
                ("spent", models.PositiveIntegerField()),
            ],
        ),
        migrations.RunSQL(
            "ALTER TABLE tenants_ratebucket SET UNLOGGED",
            "ALTER TABLE tenants_ratebucket SET LOGGED",
        ),
    ]
