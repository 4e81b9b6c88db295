from django.db import migrations, models


class Migration(migrations.Migration):
    """A time zone of a person's own; empty: each organisation's."""

    dependencies = [("tenants", "0030_saved_view_keys")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="time_zone",
            field=models.CharField(blank=True, max_length=60),
        ),
    ]
