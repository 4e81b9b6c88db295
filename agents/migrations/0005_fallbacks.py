"""Who is asked where an agent's model can't answer."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agents", "0004_default_route")]

    operations = [
        migrations.AddField("agent", "fallbacks", models.JSONField(blank=True, default=list))
    ]
