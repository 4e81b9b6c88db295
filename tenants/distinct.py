"""The different values of a column, found by leaping from one to the next.

`SELECT DISTINCT` reads every row to find a handful of values. An index on (tenant, column) leads to
the next value at once. https://wiki.postgresql.org/wiki/Loose_indexscan
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from tenants import prepared


def distinct_values(rows: QuerySet[Any], field: str, *, limit: int) -> list[str]:
    """The values of a text field that is never null, in order, at most `limit`. One query."""
    values = rows.order_by(field).values(field)
    further = values.filter(**{f"{field}__gt": RawSQL("found.value", ())})
    try:
        first, of_first = values[:1].query.sql_with_params()
        following, of_following = further[:1].query.sql_with_params()
    except EmptyResultSet:
        return []
    statement = f"""
WITH RECURSIVE found (value) AS (
    ({first}) UNION ALL SELECT ({following}) FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL LIMIT %s
"""  # noqa: S608  # nosec B608 - Django's own SQL
    with prepared.cursor() as cursor:
        cursor.execute(statement, [*of_first, *of_following, limit])
        return [value for (value,) in cursor.fetchall()]
