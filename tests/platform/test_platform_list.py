"""All organisations in numbers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from config.models import TenantFigures
from config.platform import counting
from config.tasks import count_tenants
from tenants.models import Tenant
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import DocumentFactory
from tests.factories.runs import AgentRunFactory, RunStepFactory, UsageRecordFactory
from tests.factories.tenants import JobFactory

pytestmark = pytest.mark.django_db
URL = "/platform/"


@pytest.fixture
def busy(tenant, owner, viewer, other_tenant):
    """Some of everything, and some that does not count."""
    agent = AgentFactory(tenant=tenant)
    DocumentFactory(tenant=tenant, byte_size=1000)
    DocumentFactory(tenant=tenant, byte_size=500)
    run = AgentRunFactory(tenant=tenant, agent=agent)
    AgentRunFactory(tenant=tenant, agent=agent, status="failed")
    step = RunStepFactory(tenant=tenant, run=run, position=1)
    UsageRecordFactory(tenant=tenant, run=run, step=step, cost=Decimal("1.25"))
    old = AgentRunFactory(tenant=tenant, agent=agent)
    type(old).unscoped.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(days=40))
    JobFactory(tenant=tenant, status="failed")
    JobFactory(tenant=tenant, status="done")
    return tenant


def test_figures_are_what_there_is(busy, other_tenant):
    count_tenants()

    kept = TenantFigures.objects.get(tenant=busy)
    assert (kept.members, kept.agents, kept.documents, kept.storage) == (2, 1, 2, 1500)
    assert (kept.runs, kept.failed_runs, kept.failed_jobs) == (2, 1, 1)
    assert kept.spend == Decimal("1.25")
    assert kept.told_failures == "1 run and 1 job failed"
    assert timezone.now() - kept.last_activity_at < timedelta(minutes=1)
    empty = TenantFigures.objects.get(tenant=other_tenant)
    assert (empty.members, empty.runs, empty.spend, empty.failures) == (0, 0, 0, 0)


def test_counting_again_replaces_and_costs_the_same(busy, django_assert_max_num_queries):
    count_tenants()
    AgentFactory(tenant=busy)

    with django_assert_max_num_queries(12):
        count_tenants()

    assert TenantFigures.objects.get(tenant=busy).agents == 2
    assert counting.figures_of(busy).agents == 2


def test_the_list_tells_them(page, operator, busy):
    count_tenants()

    content = page(operator).get(URL).content.decode()

    for told in ("Acme", "Globex", "$ 1.25", "1.5", "1 run and 1 job failed"):
        assert told in content


def test_what_was_not_counted_yet_is_counted_when_it_is_shown(page, operator, busy):
    content = page(operator).get(URL).content.decode()

    assert "$ 1.25" in content
    assert not TenantFigures.objects.exists()


def test_search_and_state_narrow_it(page, operator, tenant, other_tenant):
    Tenant.objects.filter(pk=other_tenant.pk).update(archived_at=timezone.now())

    def names(query):
        return [tenant.slug for tenant in page(operator).get(URL + query).context["page"].rows]

    assert names("?q=glob") == ["globex"]
    assert names("?q=ACME") == ["acme"]
    assert names("?state=archived") == ["globex"]
    assert names("?state=active") == ["acme"]
    assert names("?state=nonsense&sort=nonsense") == ["acme", "globex"]
    assert names("?q=%25") == []
