"""Providers of four kinds. What was “OpenAI or compatible” elsewhere is a compatible server."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tenants", "0019_kept_answer_keys")]

    operations = [
        migrations.AlterField(
            model_name="provider",
            name="kind",
            field=models.CharField(
                choices=[
                    ("openai", "OpenAI"),
                    ("anthropic", "Anthropic"),
                    ("gemini", "Google Gemini"),
                    ("compatible", "OpenAI-compatible server"),
                ],
                default="openai",
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="provider",
            name="base_url",
            field=models.URLField(
                help_text="Where the server is. Empty: the vendor's own address.",
                max_length=500,
                verbose_name="base URL",
            ),
        ),
        migrations.RunSQL(
            "UPDATE tenants_provider SET kind = 'compatible'"
            " WHERE kind = 'openai' AND base_url NOT LIKE 'https://api.openai.com/%'",
            "UPDATE tenants_provider SET kind = 'openai' WHERE kind = 'compatible'",
        ),
    ]
