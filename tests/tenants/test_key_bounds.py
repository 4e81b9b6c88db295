"""Which key is beyond which, and which fields of one are refused."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.core.exceptions import ValidationError
from django.http import Http404
from django.utils import timezone

from tenants.key_bounds import (
    HIGHEST_LIMIT,
    LONGEST_WINDOW,
    MOST_AGENTS,
    Bounds,
    checked,
    require_within,
)
from tenants.models import ApiKey
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory

ONE, OTHER, THIRD = (UUID(int=number) for number in (1, 2, 3))
NOW = datetime(2099, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
FREE = Bounds(frozenset(), None, (), None, 60, None)
OUTER = Bounds(frozenset(), frozenset({ONE, OTHER}), ("192.0.2.0/24",), 10, 60, NOW + DAY)


@pytest.mark.parametrize(
    ("change", "way"),
    [
        ({}, ""),
        ({"agent_ids": frozenset({ONE})}, ""),
        ({"agent_ids": frozenset({ONE, THIRD})}, "agents"),
        ({"agent_ids": None}, "agents"),
        ({"networks": ("192.0.2.7/32",)}, ""),
        ({"networks": ("192.0.2.7/32", "198.51.100.0/24")}, "addresses"),
        ({"networks": ()}, "addresses"),
        ({"expires_at": NOW}, ""),
        ({"expires_at": NOW + 2 * DAY}, "outlives"),
        ({"expires_at": None}, "outlives"),
        ({"rate_limit": 5, "rate_seconds": 30}, ""),
        ({"rate_limit": 20, "rate_seconds": 120}, "more often"),
        ({"rate_limit": 10, "rate_seconds": 30}, "more often"),
        ({"rate_limit": None}, "more often"),
    ],
)
def test_it_is_told_in_which_way_a_key_is_beyond_another(change, way):
    told = replace(OUTER, **change).beyond(OUTER)

    assert way in told
    assert bool(told) == bool(way)


def test_nothing_is_beyond_a_key_without_bounds():
    assert (OUTER.beyond(FREE), FREE.beyond(FREE)) == ("", "")


def test_the_agents_of_a_key_are_among_its_bounds():
    assert Bounds.of(ApiKey(scopes=[], agent_ids=[ONE])).agent_ids == {ONE}
    assert Bounds.of(ApiKey(scopes=[])).agent_ids is None


@pytest.mark.django_db
def test_what_is_wrong_is_told_by_field(access, admin):
    mine = access(admin)

    def wrong(**fields):
        with pytest.raises(ValidationError) as refused:
            checked(mine, ApiKey(), fields)
        return refused.value.message_dict

    assert list(wrong(scopes=["view_agents", "fly"]).values()) == [["There is no right 'fly'."]]
    assert set(wrong(scopes=[], rate_limit=0, networks=["nowhere"])) == {
        "scopes",
        "rate_limit",
        "networks",
    }
    for fields in (
        {"agent_ids": []},
        {"agent_ids": [uuid4() for _ in range(MOST_AGENTS + 1)]},
        {"expires_at": timezone.now() - DAY},
        {"rate_limit": HIGHEST_LIMIT + 1},
        {"rate_seconds": 0},
        {"rate_seconds": LONGEST_WINDOW + 1},
    ):
        assert wrong(**fields).keys() == fields.keys()


@pytest.mark.django_db
def test_what_is_right_is_stored_in_order(access, admin):
    fields = {"agent_ids": None, "expires_at": None, "rate_limit": None, "rate_seconds": 1}
    twice = ["view_runs", "view_agents", "view_runs"]

    found = checked(access(admin), ApiKey(), {"scopes": twice, **fields})

    assert found == {"scopes": ["view_agents", "view_runs"], "networks": [], **fields}
    assert checked(access(admin), ApiKey(networks=["192.0.2.7"]), {}) == {
        "networks": ["192.0.2.7/32"]
    }
    over = timezone.now() - DAY
    assert checked(access(admin), ApiKey(expires_at=over), {"expires_at": over})


@pytest.mark.django_db
def test_a_key_ends_no_later_than_the_one_that_made_it(tenant, access, admin):
    def key(**fields):
        return ApiKeyFactory(tenant=tenant, user=admin, scopes=["view_agents"], **fields)

    made = key(made_with=key(expires_at=NOW + 2 * DAY), expires_at=NOW + DAY)
    mine = access(admin)

    assert checked(mine, made, {"expires_at": NOW + 2 * DAY})
    for later in (NOW + 3 * DAY, None):
        with pytest.raises(ValidationError, match="made with ends before"):
            checked(mine, made, {"expires_at": later})
    assert checked(mine, key(made_with=key()), {"expires_at": NOW + 3 * DAY})
    require_within(mine, made)


@pytest.mark.django_db
def test_an_agent_that_is_not_seen_is_not_added_but_may_stay(tenant, access, admin):
    shown, hidden = (AgentFactory(tenant=tenant, is_restricted=it).pk for it in (False, True))

    with pytest.raises(Http404):
        checked(access(admin), ApiKey(), {"agent_ids": [hidden]})
    for key in (ApiKey(agent_ids=[hidden]), ApiKey(agent_ids=[hidden, shown])):
        found = checked(access(admin), key, {"agent_ids": [hidden, shown, shown]})
        assert found["agent_ids"] == sorted([hidden, shown])
