"""A list that opens without filters shows what its query set would, whoever looked before."""

from datetime import timedelta

import pytest
from django.http import QueryDict
from django.urls import get_resolver
from django.utils import timezone

from tenants import viewed_lists
from tenants.access import Access
from tenants.lists import Whole
from tenants.paging import Asked, Order

pytestmark = pytest.mark.django_db

assert get_resolver().url_patterns  # pages declare their lists
LISTS = {
    name: listed.page for name, listed in viewed_lists._lists.items() if not listed.page.within
}


@pytest.fixture(scope="module")
def people(world):
    """Some alike in one organisation, and one alike to the owner in another."""
    strangers = Access.of(world.abroad.owner, world.abroad.tenant.slug)
    return [strangers, *(world.home.access(role) for role in world.home.people), strangers]


def told(row):
    return {name: value for name, value in vars(row).items() if not name.startswith("_")}


@pytest.mark.parametrize("order", ["-created_at", "created_at"])
@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_whole_list_is_what_its_query_set_is(name, order, people):
    page = LISTS[name]

    for access in people:
        _, rows = page.narrowed(access, QueryDict())
        whole, asked = Whole(access, page), Asked(page.columns(access, rows))
        shown, expected = (rows.first(Order.of(order), 3) for rows in (whole, asked))

        assert [told(row) for row in shown] == [told(row) for row in expected], access.role
        assert all(row.tenant is access.tenant for row in shown)
        assert whole.count(2) == asked.count(2)


@pytest.mark.parametrize("name", sorted(LISTS))
def test_nothing_in_a_whole_list_hangs_on_the_moment_it_was_written_at(name, world, monkeypatch):
    """It would stay at that moment for as long as the process lives."""
    access = world.home.access()
    written = str(LISTS[name].told(access).query)

    later = timezone.now() + timedelta(days=400)
    monkeypatch.setattr(timezone, "now", lambda: later)

    assert str(LISTS[name].told(access).query) == written


def test_most_lists_are_looked_at():
    assert {"agents", "personas", "tools", "sources", "keys", "jobs", "members"} <= set(LISTS)
