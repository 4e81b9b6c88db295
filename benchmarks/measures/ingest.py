"""Measure 10: what a worker adds to writing the rows."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator

from django.db import connection

from benchmarks.harness import Figure, measure
from benchmarks.measures.search import PER_TENANT, TENANTS

_SMALL = "roster_small"


@measure("10 ingest")
def ingest(rounds: int) -> Iterator[Figure]:
    """With 10,000 and with 1,000,000 passages in the database."""
    large = os.environ["DATABASE_URL"]
    small = large.replace("@/roster?", f"@/{_SMALL}?")
    _make_small()
    tenants = {large: TENANTS, small: 1}
    rates: dict[str, list[dict[str, float]]] = {large: [], small: []}
    for number in range(max(2, rounds)):
        for url in (large, small) if number % 2 else (small, large):
            rates[url].append(_rate(url, tenants[url]))
    yield _figure("documents a second", rates[large], goal="≥ 0.5")
    yield _figure("the same among 10,000 passages", rates[small], goal="≥ 0.5")
    yield Figure(
        "at 1,000,000 against at 10,000 passages",
        _median(rates[large], "ours"),
        _median(rates[small], "ours"),
        "/s",
        goal="≥ 0.8",
    )


def _figure(name: str, rates: list[dict[str, float]], *, goal: str) -> Figure:
    return Figure(name, _median(rates, "ours"), _median(rates, "floor"), "/s", goal)


def _median(rates: list[dict[str, float]], way: str) -> float:
    return statistics.median(rate[way] for rate in rates)


def _rate(url: str, tenants: int) -> dict[str, float]:
    program = [sys.executable, "-m", "benchmarks.on", url, "benchmarks.ingest_rate"]
    done = subprocess.run(
        [*program, str(tenants), str(PER_TENANT)], check=True, stdout=subprocess.PIPE, text=True
    )
    rate: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return rate


def _make_small() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [_SMALL])
        if not cursor.fetchone():
            cursor.execute(f"CREATE DATABASE {_SMALL}")
