"""The database refuses a row that points at another tenant's row, whatever the code does."""

import pytest
from django.apps import apps
from django.db import connection, models

from tenants.models import TenantOwned

pytestmark = pytest.mark.django_db

OWNED = sorted((m for m in apps.get_models() if issubclass(m, TenantOwned)), key=str)
KEYS = [
    pytest.param(model, field, id=f"{model._meta.label}.{field.name}")
    for model in OWNED
    for field in model._meta.concrete_fields
    if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantOwned)
]

CONSTRAINTS = """
SELECT c.contype, c.convalidated, c.conrelid::regclass::text, c.confrelid::regclass::text,
       (SELECT array_agg(a.attname ORDER BY k.at) FROM unnest(c.conkey) WITH ORDINALITY k(num, at)
          JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
       (SELECT array_agg(a.attname ORDER BY k.at) FROM unnest(c.confkey) WITH ORDINALITY k(num, at)
          JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num)
  FROM pg_constraint c WHERE c.contype IN ('u', 'p', 'f')
"""


@pytest.fixture
def constraints():
    with connection.cursor() as cursor:
        cursor.execute(CONSTRAINTS)
        return {
            (kind, table, tuple(columns), target.strip("-"), tuple(target_columns or ()))
            for kind, is_valid, table, target, columns, target_columns in cursor.fetchall()
            if is_valid
        }


POINTED_AT = sorted(
    {
        field.related_model
        for model in OWNED
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and issubclass(field.related_model, TenantOwned)
    },
    key=str,
)


@pytest.mark.parametrize("model", POINTED_AT, ids=lambda model: model._meta.label)
def test_a_row_that_others_point_at_is_known_by_its_tenant_and_id(model, constraints):
    pk = model._meta.pk.column

    assert ("u", model._meta.db_table, ("tenant_id", pk), "", ()) in constraints, (
        f'add TenantKeys("{model._meta.model_name}", […]) to a migration of {model._meta.app_label}'
    )


@pytest.mark.parametrize(("model", "field"), KEYS)
def test_a_key_to_a_row_of_a_tenant_carries_the_tenant(model, field, constraints):
    target = field.related_model._meta
    key = (
        "f",
        model._meta.db_table,
        ("tenant_id", field.column),
        target.db_table,
        ("tenant_id", target.pk.column),
    )

    assert key in constraints, (
        f'name "{field.name}" in TenantKeys("{model._meta.model_name}", […])'
        f" of a migration of {model._meta.app_label}"
    )


def test_every_row_of_a_tenant_points_at_its_tenant(constraints):
    pointing = {table for kind, table, columns, target, _ in constraints
                if (kind, columns, target) == ("f", ("tenant_id",), "tenants_tenant")}  # fmt: skip

    assert {model._meta.db_table for model in OWNED} <= pointing
