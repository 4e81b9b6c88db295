"""Roles that an organisation makes say what they are for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0004_invitation_keys")]

    operations = [
        migrations.AddField(
            model_name="role",
            name="description",
            field=models.CharField(blank=True, max_length=300),
        ),
    ]
