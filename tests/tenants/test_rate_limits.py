"""A key asks as often as it may, and not once more."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tenants.models import ApiKey, RateBucket, Tenant
from tests.conftest import ApiClient
from tests.factories.tenants import ApiKeyFactory
from tests.tenants.test_member_races import at_once

CROWD, LIMIT = 64, 10


@pytest.fixture
def key(tenant, editor):
    return ApiKeyFactory(
        tenant=tenant,
        user=editor,
        scopes=["view_agents"],
        rate_limit=LIMIT,
        rate_seconds=3_600,
        last_used_at=timezone.now(),
    )


@pytest.fixture
def ask(key):
    return lambda: ApiClient(key.token).get("/agents")


def told(answer):
    names = ("Limit", "Remaining", "Reset")
    return [int(answer[f"RateLimit-{name}"]) for name in names]


@pytest.mark.django_db(transaction=True)
def test_of_sixty_four_at_once_exactly_ten_pass(ask):
    answers = at_once(*[ask] * CROWD)

    passed = [a for a in answers if a.status_code == 200]
    refused = [a for a in answers if a.status_code == 429]
    assert (len(passed), len(refused)) == (LIMIT, CROWD - LIMIT)
    assert sorted(told(a)[1] for a in passed) == list(range(LIMIT))
    assert all(told(a)[1] == 0 and int(a["Retry-After"]) > 3_500 for a in refused)


@pytest.mark.django_db
def test_an_answer_tells_what_is_left(ask):
    first, second = ask(), ask()

    assert told(first) == [10, 9, 3600]
    assert told(second)[:2] == [10, 8]
    assert first["RateLimit-Policy"] == "10;w=3600"


@pytest.mark.django_db
def test_too_much_is_a_problem_that_says_when_to_come_again(ask, key):
    RateBucket.objects.create(key=key, began_at=timezone.now(), spent=LIMIT)

    answer = ask()

    assert (answer.status_code, answer.json()["code"]) == (429, "rate_limited")
    assert answer["Content-Type"] == "application/problem+json"
    assert 3_590 <= int(answer["Retry-After"]) <= 3_600


@pytest.mark.django_db
def test_a_window_that_is_over_begins_anew(ask, key):
    long_ago = timezone.now() - timedelta(seconds=3_601)
    RateBucket.objects.create(key=key, began_at=long_ago, spent=LIMIT + 1)

    assert told(ask()) == [10, 9, 3600]


@pytest.mark.django_db
def test_a_refused_crowd_does_not_wind_the_counter_up(ask, key):
    RateBucket.objects.create(key=key, began_at=timezone.now(), spent=LIMIT)

    for _ in range(3):
        ask()

    assert RateBucket.objects.get().spent == LIMIT + 1


@pytest.mark.django_db
def test_errors_count_and_are_told_too(key):
    answer = ApiClient(key.token).get("/agents", {"nonsense": "1"})

    assert answer.status_code == 422
    assert told(answer)[:2] == [10, 9]


@pytest.mark.django_db
def test_another_key_has_its_own_window_and_a_wrong_one_has_none(ask, key, tenant, editor):
    RateBucket.objects.create(key=key, began_at=timezone.now(), spent=LIMIT)
    other = ApiKeyFactory(tenant=tenant, user=editor, scopes=["view_agents"], rate_limit=1)

    assert ApiClient(other.token).get("/agents").status_code == 200
    refused = ApiClient("rst_nothing").get("/agents")
    assert refused.status_code == 401
    assert "RateLimit-Limit" not in refused


@pytest.mark.django_db
def test_a_key_without_a_limit_takes_the_organisations(ask, key):
    ApiKey.unscoped.update(rate_limit=None)
    assert "RateLimit-Limit" not in ask()

    Tenant.objects.update(key_rate_limit=1, key_rate_seconds=60)

    assert [ask().status_code, ask().status_code] == [200, 429]


@pytest.mark.django_db
def test_a_limit_costs_one_statement_and_no_limit_none(ask):
    def cost():
        with CaptureQueriesContext(connection) as caught:
            ask()
        return [q["sql"] for q in caught]

    limited = cost()
    ApiKey.unscoped.update(rate_limit=None)
    unlimited = cost()

    assert sum("tenants_ratebucket" in sql for sql in limited) == 1
    assert len(limited) == len(unlimited) + 1
