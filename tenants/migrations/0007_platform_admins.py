"""Who looks after all organisations, how they join one, and where a person was last."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0006_secret_holders")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_platform_admin",
            field=models.BooleanField(
                default=False,
                help_text="Looks after all organisations, and sees none's content.",
            ),
        ),
        migrations.AddField(
            model_name="user",
            name="last_tenant",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
        migrations.AddField(
            model_name="membership",
            name="platform_reason",
            field=models.CharField(blank=True, editable=False, max_length=300),
        ),
    ]
