from django.db import migrations, models


class Migration(migrations.Migration):
    """With which invitation a member came, so that taking it twice leads to the same place."""

    dependencies = [("tenants", "0032_noted")]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="invited_with",
            field=models.CharField(blank=True, editable=False, max_length=64),
        ),
    ]
