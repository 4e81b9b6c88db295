from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0021_attempt")]

    operations = [
        migrations.AddField(
            model_name="tenant",
            name="requires_second_factor",
            field=models.BooleanField(default=False),
        ),
    ]
