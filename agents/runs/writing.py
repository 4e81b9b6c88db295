"""Writing what happened in a run: one statement, so one trip to the database and one commit.

The rows travel as JSON documents, one for each table, and the database takes them apart. It all
happens only while the run is still running, so that whoever ended it has the last word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Model

from agents.runs.models import AgentRun
from tenants import prepared

Rows = Mapping[type[Model], Sequence[Model]]


def write(run_id: UUID, changes: Mapping[str, Any], rows: Rows) -> bool:
    """Change the running run and add the rows; False, and nothing written, if it has ended.

    `changes` are columns of the run; the rows are unsaved and have all that their tables need.
    """
    models = tuple(model for model, found in rows.items() if found)
    documents = [_json(changes), *(_json([_columns(row) for row in rows[m]]) for m in models)]
    with prepared.cursor() as cursor:
        cursor.execute(_statement(tuple(changes), models), [documents[0], run_id, *documents[1:]])
        return cursor.fetchone() is not None


@cache
def _statement(columns: tuple[str, ...], models: tuple[type[Model], ...]) -> str:
    run, names = AgentRun._meta.db_table, ", ".join(columns)
    update = (
        f"mine AS (UPDATE {run} SET ({names}) ="  # noqa: S608  # nosec B608 - our own names
        f" (SELECT {names} FROM jsonb_populate_record(NULL::{run}, %s::jsonb))"
        f" WHERE id = %s AND status = '{AgentRun.Status.RUNNING}' RETURNING id)"
    )
    parts = [update]
    for number, model in enumerate(models):
        table = model._meta.db_table
        parts.append(
            f"rows_{number} AS (INSERT INTO {table}"  # noqa: S608  # nosec B608 - our own names
            f" SELECT told.* FROM mine, jsonb_populate_recordset(NULL::{table}, %s::jsonb) AS told)"
        )
    return f"WITH {', '.join(parts)} SELECT id FROM mine"  # noqa: S608  # nosec B608 - as above


def _columns(row: Model) -> dict[str, Any]:
    fields = row._meta.concrete_fields
    return {str(field.column): field.pre_save(row, True) for field in fields}


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder)
