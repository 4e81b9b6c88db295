from django.db import migrations, models


class Migration(migrations.Migration):
    """What had to be allowed for an answer is kept with it. Of the answers of the day before
    nothing is known: they are told as before."""

    dependencies = [("tenants", "0031_user_time_zone")]

    operations = [
        migrations.AddField(
            model_name="keptanswer",
            name="noted",
            field=models.JSONField(default=list),
        ),
    ]
