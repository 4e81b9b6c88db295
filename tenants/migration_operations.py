"""Composite tenant keys: a row can't point at another tenant's row, whatever the code does."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class TenantKeys(Operation):
    """Make `(tenant_id, id)` unique, and each named foreign key a composite one with the tenant.

    The referred table must have its own TenantKeys before; its primary key stays what it is. The
    keys are checked at the end of the transaction, as Django's own are.
    """

    reversible = True

    def __init__(self, model: str, fields: list[str] | None = None) -> None:
        self.model = model.lower()
        self.fields = fields or []

    def deconstruct(self) -> tuple[str, list[Any], dict[str, Any]]:
        return self.__class__.__qualname__, [self.model, self.fields], {}

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """The models do not know these keys."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        model = to_state.apps.get_model(app_label, self.model)
        table = model._meta.db_table
        quote = schema_editor.quote_name
        schema_editor.execute(
            f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(_name(table, 'id'))}"
            f" UNIQUE (tenant_id, {quote(model._meta.pk.column)})"
        )
        for name in self.fields:
            field = model._meta.get_field(name)
            target = field.related_model._meta
            schema_editor.execute(
                f"ALTER TABLE {quote(table)} ADD CONSTRAINT {quote(_name(table, name))}"
                f" FOREIGN KEY (tenant_id, {quote(field.column)})"
                f" REFERENCES {quote(target.db_table)} (tenant_id, {quote(target.pk.column)})"
                " DEFERRABLE INITIALLY DEFERRED"
            )

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        table = from_state.apps.get_model(app_label, self.model)._meta.db_table
        quote = schema_editor.quote_name
        for name in [*self.fields, "id"]:
            schema_editor.execute(
                f"ALTER TABLE {quote(table)} DROP CONSTRAINT {quote(_name(table, name))}"
            )

    def describe(self) -> str:
        return f"Tie {self.model} and what it points at to one tenant"


def _name(table: str, what: str) -> str:
    return f"{table}_tenant_{what}"[:63]
