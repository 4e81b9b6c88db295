"""All organisations in numbers."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from agents.runs.models import AgentRun
from config.models import TenantFigures
from config.platform import counting
from config.tasks import count_tenants
from tenants.models import AuditHead, Tenant
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


def test_what_was_before_this_month_or_in_another_currency_is_not_of_it(busy):
    UsageRecordFactory(tenant=busy, cost=7, currency="EUR")
    usage, job = UsageRecordFactory(tenant=busy, cost=7), JobFactory(tenant=busy, status="failed")
    before = timezone.now() - timedelta(days=40)
    for old in (usage, job):
        type(old).unscoped.filter(pk=old.pk).update(created_at=before)

    figures = counting.figures_of(busy)

    assert (figures.spend, figures.failed_jobs) == (Decimal("1.25"), 1)


def test_the_last_activity_is_a_run_or_an_event_whichever_came_later(busy):
    now = timezone.now()
    times = (now - timedelta(minutes=5), now)

    for run, event in (times, times[::-1]):
        AgentRun.unscoped.filter(tenant=busy).update(created_at=run)
        AuditHead.unscoped.filter(tenant=busy).update(written_at=event)
        assert counting.figures_of(busy).last_activity_at == now


def test_what_was_counted_is_shown_as_it_was(busy, django_assert_num_queries):
    count_tenants()
    AgentFactory(tenant=busy)
    counted = Tenant.objects.select_related("figures").get(pk=busy.pk)

    with django_assert_num_queries(0):
        counting.fill_in([counted])

    assert counted.figures.agents == 1
    counting.fill_in([counted, uncounted := Tenant(slug="new")])
    assert (counted.figures.agents, uncounted.figures.agents) == (1, 0)


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
