"""The list of organisations is as quick with 10,000 as with ten."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone

from config.models import TenantFigures
from tenants.models import Tenant

pytestmark = pytest.mark.django_db
URL = "/platform/"
SORTED = ("name", "created", "members", "agents", "storage", "runs", "spend", "active")


@pytest.fixture(scope="module")
def many(django_db_setup, django_db_blocker):
    """Some are not counted yet, and one in three never did anything."""
    now = timezone.now()
    with django_db_blocker.unblock(), transaction.atomic():
        made = Tenant.objects.bulk_create(
            Tenant(slug=f"many-{n}", name=f"Many {n % 7000}") for n in range(10_000)
        )
        TenantFigures.objects.bulk_create(
            TenantFigures(
                tenant=tenant,
                members=n % 9,
                spend=Decimal(n % 11),
                last_activity_at=None if n % 3 else now,
                counted_at=now,
            )
            for n, tenant in enumerate(made)
            if n % 10
        )
        yield made
        transaction.set_rollback(True)


@pytest.mark.parametrize("sort", [*SORTED, *(f"-{name}" for name in SORTED)])
def test_a_page_costs_the_same_few_queries(
    page, operator, many, sort, django_assert_max_num_queries
):
    client, url, met = page(operator), f"{URL}?sort={sort}", []

    for _ in range(2):
        with django_assert_max_num_queries(13):
            shown = client.get(url).context["page"]
        met += [tenant.pk for tenant in shown.rows]
        url = shown.next_url

    assert len(met) == len(set(met)) == 100


def test_paging_meets_everybody_once(page, operator, many):
    client, url, met = page(operator), f"{URL}?sort=active&q=many-99", []

    while url:
        shown = client.get(url).context["page"]
        met += [tenant.pk for tenant in shown.rows]
        url = shown.next_url

    assert sorted(met) == sorted(t.pk for t in many if t.slug.startswith("many-99"))
    assert len(met) == 111
