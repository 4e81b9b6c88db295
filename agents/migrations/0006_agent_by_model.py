"""The models of an organisation's agents, to filter a list by, are found without reading them all."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agents", "0005_fallbacks")]

    operations = [
        migrations.AddIndex(
            "agent", models.Index(fields=["tenant", "model"], name="agent_by_model")
        )
    ]
