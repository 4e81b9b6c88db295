"""Rows as files: CSV for spreadsheets, JSON Lines for programs, a few hundred rows at a time."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from typing import Any, Literal

from django.core.serializers.json import DjangoJSONEncoder

Format = Literal["csv", "json"]
CONTENT_TYPES: Mapping[Format, str] = {"csv": "text/csv", "json": "application/jsonl"}
ENDINGS: Mapping[Format, str] = {"csv": "csv", "json": "jsonl"}

# Column → how to get its value from a row, which is a str, number, bool, datetime, list, dict, None
Columns = Mapping[str, Callable[[Any], Any]]

# What spreadsheets take for the beginning of a formula (OWASP, “CSV Injection”).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def lines(kind: Format, columns: Columns, rows: Iterable[Any]) -> Iterator[str]:
    """The file's lines, each with its end."""
    return _csv(columns, rows) if kind == "csv" else _json(columns, rows)


def _json(columns: Columns, rows: Iterable[Any]) -> Iterator[str]:
    for row in rows:
        told = {name: _plain(of(row)) for name, of in columns.items()}
        yield json.dumps(told, cls=DjangoJSONEncoder, ensure_ascii=False) + "\n"


def _csv(columns: Columns, rows: Iterable[Any]) -> Iterator[str]:
    yield _csv_line(list(columns))
    for row in rows:
        yield _csv_line([cell(_plain(of(row))) for of in columns.values()])


def _csv_line(cells: list[Any]) -> str:
    written = StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def cell(value: Any) -> Any:
    """A value as a spreadsheet may have it: no text that it would take for a formula."""
    if isinstance(value, list | dict):
        value = json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    if isinstance(value, bool) or value is None:
        return {True: "yes", False: "no", None: ""}[value]
    if isinstance(value, int | float | Decimal):
        return value
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
