"""Prices that a tenant has agreed with its providers."""

import django.core.validators
import django.db.models.deletion
from django.db import migrations, models

import tenants.ids
import tenants.models.base


def _price(name, text, **options):
    return models.DecimalField(
        decimal_places=6,
        help_text=text,
        max_digits=12,
        validators=[django.core.validators.MinValueValidator(0)],
        verbose_name=name,
        **options,
    )


class Migration(migrations.Migration):
    dependencies = [("tenants", "0022_second_factor")]

    operations = [
        migrations.CreateModel(
            name="ModelPrice",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=tenants.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("updated_at", models.DateTimeField(auto_now=True)),
                (
                    "model",
                    models.CharField(help_text="As the provider names it.", max_length=120),
                ),
                ("input_mtok", _price("input", "For a million tokens.")),
                ("output_mtok", _price("output", "For a million tokens.")),
                (
                    "cached_input_mtok",
                    _price(
                        "input from the cache",
                        "For a million tokens. Empty: as other input.",
                        null=True,
                        blank=True,
                    ),
                ),
                (
                    "currency",
                    models.CharField(
                        default="USD",
                        max_length=3,
                        validators=[
                            django.core.validators.RegexValidator(
                                "^[A-Z]{3}\\Z", "Three capital letters, as in USD or EUR."
                            )
                        ],
                    ),
                ),
                (
                    "provider",
                    tenants.models.base.TenantForeignKey(
                        db_constraint=False,
                        editable=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="prices",
                        to="tenants.provider",
                    ),
                ),
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
            ],
            options={
                "abstract": False,
                "base_manager_name": "unscoped",
                "default_manager_name": "unscoped",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("tenant", "provider", "model"),
                        name="price_of_model",
                        violation_error_message="This model has a price of yours already.",
                    )
                ],
            },
            managers=[("unscoped", models.Manager())],
        ),
    ]
