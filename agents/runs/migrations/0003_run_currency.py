"""A run says in which currency its cost is."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("runs", "0002_tenant_keys")]

    operations = [
        migrations.AddField(
            model_name="agentrun",
            name="currency",
            field=models.CharField(default="USD", max_length=3),
        ),
    ]
