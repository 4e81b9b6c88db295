"""Walking a list page by page meets every row once, in order, forwards and backwards."""

import base64
import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.db import transaction
from django.http import QueryDict
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tenants.models import Job
from tenants.paging import BadCursor, KeysetPagination, in_chunks, paginate
from tenants.problems import Problem
from tests.factories.tenants import JobFactory, UserFactory

pytestmark = pytest.mark.django_db

SORTS = {
    "created": "created_at",
    "title": "title",
    "done": "done",
    "started": "started_at",
    "who": "created_by__name",
}
START = datetime(2026, 1, 1, tzinfo=UTC)

# Few different values, so that most rows share theirs with others.
rows_with_doubles = st.lists(
    st.tuples(
        st.integers(0, 2), st.sampled_from(["a", "B", "ß", ""]), st.none() | st.integers(0, 2)
    ),
    max_size=9,
)
quickly = settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def asked(query=""):
    return RequestFactory().get(f"/t/acme/jobs/{query}")


def make_jobs(tenant, rows):
    """With a title that is the maker's name, too; without a start there is no maker either."""
    for done, title, started in rows:
        began = None if started is None else START + timedelta(days=started)
        maker = None if started is None else UserFactory(name=title)
        JobFactory(tenant=tenant, done=done, title=title, started_at=began, created_by=maker)


def walk(query, direction, sort, size):
    """The rows of each page, from one end to the other."""
    url, pages = query, []
    while True:
        rows = Job.unscoped.select_related("created_by")
        page = paginate(asked(url), rows, sorts=SORTS, default=sort, size=size)
        pages.append(page.rows)
        following = page.next_url if direction == "on" else page.previous_url
        if not following:
            return pages, url
        url = f"?{following.partition('?')[2]}"
        assert len(pages) < 20


@pytest.mark.parametrize(
    "sort", ["done", "-title", "started", "-started", "who", "-who", "-created"]
)
@quickly
@given(rows=rows_with_doubles, size=st.integers(1, 4))
def test_every_row_is_met_once_in_order_whichever_way_one_walks(tenant, sort, rows, size):
    with transaction.atomic():
        make_jobs(tenant, rows)

        forwards, last = walk("", "on", sort, size)
        backwards, _ = walk(last, "back", sort, size)

        met = [row.pk for page in forwards for row in page]
        assert len(met) == len(set(met)) == len(rows)
        assert [row.pk for page in reversed(backwards) for row in page] == met
        assert [row.pk for row in paginate(
            asked(), Job.unscoped.all(), sorts=SORTS, default=sort, size=50
        ).rows] == met  # fmt: skip
        transaction.set_rollback(True)


@quickly
@given(rows=rows_with_doubles, size=st.integers(1, 4))
def test_walking_on_meets_a_row_once_although_others_come_and_go(tenant, rows, size):
    with transaction.atomic():
        make_jobs(tenant, [(1, "x", None), (2, "x", None), *rows])
        first = paginate(asked(), Job.unscoped.all(), sorts=SORTS, default="done", size=size)
        Job.unscoped.filter(pk=first.rows[-1].pk).delete()
        late = JobFactory(tenant=tenant, done=0)

        onwards = first.next_url and walk(
            f"?{first.next_url.partition('?')[2]}", "on", "done", size
        )

        seen = [row.pk for row in first.rows]
        seen += [row.pk for page in (onwards or [[]])[0] for row in page]
        assert len(seen) == len(set(seen))
        assert len({*seen} - {late.pk}) == len(rows) + 2
        transaction.set_rollback(True)


@pytest.mark.parametrize("order", ["done", "-title", "started_at", "-started_at"])
def test_the_api_walks_a_list_to_its_end(tenant, order):
    make_jobs(tenant, [(n % 2, "ab"[n % 2], n % 3 or None) for n in range(7)])
    pages, cursor = [], None
    while True:
        limits = SimpleNamespace(limit=2, cursor=cursor)
        found = KeysetPagination().paginate_queryset(Job.unscoped.order_by(order), limits, asked())
        pages.append([job.pk for job in found["items"]])
        cursor = found["next_cursor"]
        if cursor is None:
            break

    assert [len(page) for page in pages] == [2, 2, 2, 1]
    assert len({pk for page in pages for pk in page}) == 7


def test_a_full_last_page_has_no_next(tenant):
    make_jobs(tenant, [(0, "a", None)] * 4)

    pages, _ = walk("", "on", "title", 2)

    assert [len(page) for page in pages] == [2, 2]


def test_an_unknown_sort_falls_back_to_the_default(tenant):
    page = paginate(asked("?sort=secret"), Job.unscoped.all(), sorts=SORTS, default="-done")

    assert page.sort == "-done"


def test_links_keep_the_filters(tenant):
    make_jobs(tenant, [(0, "a", None)] * 3)

    page = paginate(asked("?status=queued&q=a+b"), Job.unscoped.all(), sorts=SORTS, size=2)

    query = QueryDict(page.next_url.partition("?")[2])
    assert (query["status"], query["q"]) == ("queued", "a b")


@pytest.mark.parametrize(
    ("rows", "label"), [(0, "0"), (3, "3"), (5, "5")], ids=["none", "one page", "several pages"]
)
def test_the_total_is_told(tenant, rows, label):
    make_jobs(tenant, [(0, "a", None)] * rows)

    assert paginate(asked(), Job.unscoped.all(), sorts=SORTS, size=3).total_label == label


def cursor_of(value):
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


SPOILT = {
    "no base64": "é",
    "no JSON": cursor_of(b"{"),
    "no text": cursor_of(b"\xff\xfe"),
    "not a pair": cursor_of([1]),
    "a number": cursor_of(1),
    "null": cursor_of(None),
    "no id": cursor_of([1, "x"]),
    "an id of the wrong kind": cursor_of([1, {"a": 1}]),
    "deep": cursor_of(b"[" * 100_000),
}
ID = str(uuid4())
OUT_OF_RANGE = {
    "done": [10**30, -(10**30), "x", [], {}, 1e400],
    "title": ["\x00", "\ud800"],
    "created": ["yesterday", "0000-01-01T00:00:00Z", "99999-01-01T00:00:00Z", 5, True],
    "started": ["\x00", [1], 10**20],
}


@pytest.mark.parametrize("cursor", SPOILT.values(), ids=SPOILT)
@pytest.mark.parametrize("sort", SORTS)
def test_a_damaged_cursor_is_told_apart_from_a_broken_portal(tenant, sort, cursor):
    with pytest.raises(BadCursor):
        paginate(asked(f"?sort={sort}&after={cursor}"), Job.unscoped.all(), sorts=SORTS)


@pytest.mark.parametrize(
    ("sort", "value"), [(sort, value) for sort, values in OUT_OF_RANGE.items() for value in values]
)
def test_so_is_a_cursor_with_a_value_that_the_field_can_not_have(tenant, sort, value):
    cursor = cursor_of([value, ID])

    with pytest.raises(BadCursor):
        paginate(asked(f"?sort={sort}&before={cursor}"), Job.unscoped.all(), sorts=SORTS)


def test_in_the_api_it_is_a_422_that_names_the_parameter(tenant):
    limits = SimpleNamespace(limit=2, cursor="x")

    with pytest.raises(Problem) as told:
        KeysetPagination().paginate_queryset(Job.unscoped.all(), limits, asked())

    assert (told.value.status, told.value.errors[0]["pointer"]) == (422, "/query/cursor")


def test_on_a_page_it_is_a_400(page, owner, tenant):
    pytest.importorskip("agents.urls")

    assert page(owner).get(f"/t/{tenant.slug}/agents/?after=x").status_code == 400


@pytest.mark.parametrize(("limit", "size"), [(7, 3), (100, 3), (6, 3), (3, 50), (0, 5)])
def test_chunks_have_every_row_once_up_to_the_limit(tenant, limit, size):
    made = [JobFactory(tenant=tenant, title=str(n)) for n in range(8)]
    rows = Job.unscoped.filter(tenant=tenant)

    chunks = list(in_chunks(rows, order="-created_at", limit=limit, size=size))

    assert [row for chunk in chunks for row in chunk] == made[::-1][:limit]
    assert all(0 < len(chunk) <= size for chunk in chunks)
