"""Rows as files."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from tenants import tables

COLUMNS = {"name": lambda row: row["name"], "extra": lambda row: row.get("extra")}


def as_csv(*rows):
    return list(csv.reader(io.StringIO("".join(tables.lines("csv", COLUMNS, rows)))))


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_what_a_spreadsheet_takes_for_a_formula_is_quoted(text):
    assert as_csv({"name": text})[1][0] == f"'{text}"


@pytest.mark.parametrize(
    "text", ["a=1", " =1", "'=1", "", "“quoted, with comma”", 'say "hi"', "a\nb"]
)
def test_other_text_stays_as_it_is(text):
    assert as_csv({"name": text})[1][0] == text


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (-5, "-5"), (Decimal("-0.5"), "-0.5"), (None, ""), (True, "yes"), (["=a"], '["=a"]'),
        (datetime(2026, 11, 2, tzinfo=UTC), "2026-11-02T00:00:00+00:00"),
    ],
)  # fmt: skip
def test_values_are_told_plainly(value, told):
    assert as_csv({"name": "x", "extra": value})[1][1] == told


def test_json_has_one_object_on_a_line():
    rows = [{"name": "=1", "extra": {"a": None}}, {"name": "Ünïcode"}]

    lines = list(tables.lines("json", COLUMNS, rows))

    assert [json.loads(line) for line in lines] == [
        {"name": "=1", "extra": {"a": None}}, {"name": "Ünïcode", "extra": None},
    ]  # fmt: skip
    assert all(line.endswith("\n") for line in lines)
