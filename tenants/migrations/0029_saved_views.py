"""What people keep of lists, and which of it a list opens with."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import tenants.ids
import tenants.models.base


def _every():
    return [
        (
            "id",
            models.UUIDField(
                default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False
            ),
        ),
        ("created_at", models.DateTimeField(auto_now_add=True)),
        ("updated_at", models.DateTimeField(auto_now=True)),
        ("listed", models.CharField(editable=False, max_length=30)),
        (
            "tenant",
            models.ForeignKey(
                db_index=False,
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="tenants.tenant",
            ),
        ),
        (
            "user",
            models.ForeignKey(
                editable=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]


_OPTIONS = {
    "abstract": False,
    "base_manager_name": "unscoped",
    "default_manager_name": "unscoped",
}


class Migration(migrations.Migration):
    dependencies = [("tenants", "0028_key_made_with")]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                *_every(),
                ("name", models.CharField(max_length=60)),
                ("query", models.JSONField(default=dict, editable=False)),
                (
                    "is_shared",
                    models.BooleanField(
                        default=False,
                        help_text="Everybody in the organisation finds it on this list.",
                        verbose_name="shared",
                    ),
                ),
            ],
            options={
                **_OPTIONS,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "user", "listed", "name"),
                        name="view_name",
                        violation_error_message=(
                            "You have a view with this name on this list already."
                        ),
                    )
                ],
            },
            managers=[("unscoped", models.Manager())],
        ),
        migrations.CreateModel(
            name="DefaultView",
            fields=[
                *_every(),
                (
                    "view",
                    tenants.models.base.TenantForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="defaults",
                        to="tenants.savedview",
                    ),
                ),
            ],
            options={
                **_OPTIONS,
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "user", "listed"), name="one_default_view_a_list"
                    )
                ],
            },
            managers=[("unscoped", models.Manager())],
        ),
    ]
