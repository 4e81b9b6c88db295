"""A secret says what it is held for, where it goes, and who put it there."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("tenants", "0005_role_description")]

    operations = [
        migrations.AddField(
            model_name="secret",
            name="held_for",
            field=models.CharField(
                choices=[
                    ("provider", "Model providers"),
                    ("tool", "A tool"),
                    ("sign_in", "Sign-in"),
                ],
                default="provider",
                editable=False,
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="secret",
            name="holder",
            field=models.UUIDField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="secret",
            name="origin",
            field=models.CharField(blank=True, default="", editable=False, max_length=300),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="secret",
            name="created_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="secret",
            name="replaced_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="secret",
            name="replaced_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RemoveConstraint(model_name="secret", name="secret_name"),
        migrations.AddConstraint(
            model_name="secret",
            constraint=models.UniqueConstraint(
                condition=~Q(held_for="tool"),
                fields=("tenant", "name"),
                name="secret_name",
                violation_error_message="Another secret has this name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="secret",
            constraint=models.UniqueConstraint(
                condition=Q(held_for="tool"),
                fields=("tenant", "holder", "origin"),
                name="secret_of_tool",
            ),
        ),
    ]
