"""Measure 8: search in one tenant's 10,000 of 1,000,000 passages."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator
from typing import Any

from django.db import connection
from pgvector import HalfVector

from benchmarks import corpus, text
from benchmarks.harness import Figure, alternate, measure, percentile
from knowledge import codes, embedding, retrieval
from knowledge.retrieval import retrieve

TENANTS, PER_TENANT = 100, 10_000
_QUERIES = 60
_K = 10

_BY_MEANING = f"""
WITH near AS MATERIALIZED ({retrieval.NEAR})
SELECT vector.id FROM near JOIN knowledge_chunkvector AS vector USING (id)
ORDER BY vector.embedding <#> %(vector)s::halfvec LIMIT %(limit)s
"""
_EXACTLY = f"""
SELECT id FROM knowledge_chunkvector WHERE {retrieval.WITHIN}
ORDER BY embedding <#> %(vector)s::halfvec LIMIT %(limit)s
"""

Values = dict[str, Any]


@measure("8 search")
def search(rounds: int) -> Iterator[Figure]:
    """What `retrieve` adds to its own statements, and what the route by codes gives."""
    home = corpus.many_tenants(TENANTS, PER_TENANT)[TENANTS // 2]
    queries = text.queries(_QUERIES)
    statements = [_statements_of(home, query) for query in queries]
    ours = _p95(lambda query: retrieve(home.access, query, limit=_K), queries)
    floor = _p95(_run_all, statements)
    yield Figure("search, p95", *alternate(rounds, ours, floor), goal="≤ 1.3")
    yield from _by_meaning(rounds, home)
    found = [len(retrieve(home.access, query, limit=_K).passages) for query in queries]
    yield Figure(f"share of searches with all {_K} rows", found.count(_K) / len(found), goal="≥ 1",
                 unit="")  # fmt: skip


def _by_meaning(rounds: int, home: corpus.Home) -> Iterator[Figure]:
    values = [_values(home, words) for words in text.passages(_QUERIES, words=40, seed=99)]
    ours = _p95(lambda value: _ids(_BY_MEANING, value), values)
    exact = _p95(lambda value: _ids(_EXACTLY, value), values)
    yield Figure("by codes against every vector, p95", *alternate(rounds, ours, exact), goal="≤ 1")
    recall = [
        len(set(_ids(_BY_MEANING, value)) & set(_ids(_EXACTLY, value))) / _K for value in values
    ]
    yield Figure("recall@10 by codes", sum(recall) / len(recall), goal="≥ 0.99", unit="")


def _p95(run: Callable[[Any], object], given: list[Any]) -> Callable[[], float]:
    """A round over everything given: its 95th percentile in ms."""

    def one_round() -> float:
        took = []
        for value in given:
            started = time.perf_counter()
            run(value)
            took.append((time.perf_counter() - started) * 1000)
        return percentile(took, 0.95)

    return one_round


def _statements_of(home: corpus.Home, query: str) -> list[str]:
    """The SQL of one search as it is sent, for a bare cursor."""
    sent: list[str] = []

    def keep(execute: Any, statement: str, values: Any, many: bool, context: Any) -> Any:
        sent.append(context["cursor"].cursor.mogrify(statement, values))
        return execute(statement, values, many, context)

    with connection.execute_wrapper(keep):
        retrieve(home.access, query, limit=_K)
    # The last one is the search itself; what comes before finds out what to search.
    return sent[-1:]


def _run_all(statements: list[str]) -> None:
    with connection.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()


def _values(home: corpus.Home, words: str) -> Values:
    vector = embedding.embed([words])[0]
    return {
        "tenant": home.access.tenant.pk,
        "space": home.space.pk,
        "sources": [home.source.pk],
        "code": codes.as_text(codes.codes(vector[None])[0]),
        "vector": HalfVector(vector).to_text(),
        "by_meaning": retrieval.BY_MEANING,
        "limit": _K,
    }


def _ids(statement: str, values: Values) -> list[object]:
    with connection.connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(itertools.chain.from_iterable(cursor.fetchall()))
