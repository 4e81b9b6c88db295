"""A new agent uses its organisation's default route; those there are keep theirs."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agents", "0003_denials")]

    operations = [
        migrations.AlterField(
            model_name="agent",
            name="model",
            field=models.CharField(default="default", max_length=120),
        )
    ]
