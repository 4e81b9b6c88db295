"""Who is asked where an agent's model can't answer: in the form and by the API."""

import pytest
from django.urls import reverse

from agents.models import Agent
from tenants.models import AuditEvent
from tests.architecture.payloads import LIMITS
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ProviderFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent(tenant):
    return AgentFactory(tenant=tenant, name="Clerk", slug="clerk")


@pytest.fixture
def save(page, tenant, editor, agent):
    def send(**fields):
        url = reverse("agents:agent-edit", args=[tenant.slug, agent.pk])
        filled = {"name": "Clerk", "slug": "clerk", "model": "demo", "version": agent.version}
        return page(editor).post(url, {**filled, **LIMITS, **fields})

    return send


def test_rows_are_kept_in_order_without_the_empty_ones(save, page, tenant, editor, agent):
    provider = ProviderFactory(tenant=tenant, name="Vendor", default_model="large")

    save(fallback_provider_1=str(provider.pk), fallback_model_3="demo")

    agent.refresh_from_db()
    assert agent.fallbacks == [
        {"provider": str(provider.pk), "model": "large"},
        {"provider": None, "model": "demo"},
    ]
    event = AuditEvent.unscoped.get(action="agent.updated")
    assert event.changes["fallbacks"] == [[], agent.fallbacks]
    form = page(editor).get(reverse("agents:agent-edit", args=[tenant.slug, agent.pk]))
    assert form.context["form"]["fallback_model_1"].value() == "large"
    assert form.context["form"]["fallback_model_2"].value() == "demo"
    assert "if it can’t answer" in page(editor).get(agent.get_absolute_url()).text


def test_a_foreign_provider_is_no_choice(save, other_tenant, agent):
    foreign = ProviderFactory(tenant=other_tenant)

    answer = save(fallback_provider_1=str(foreign.pk), fallback_model_1="large")

    assert answer.status_code == 422
    assert Agent.unscoped.get(pk=agent.pk).fallbacks == []


def test_two_people_who_change_them_meet(save, agent):
    Agent.unscoped.filter(pk=agent.pk).update(
        version=2, fallbacks=[{"provider": None, "model": "theirs"}]
    )

    answer = save(fallback_model_1="mine")

    assert "If it can’t answer" in answer.text
    assert "Roster demo · theirs" in answer.text
    assert "Roster demo · mine" in answer.text


def test_the_api_takes_and_tells_them(api, editor, tenant, agent):
    provider = ProviderFactory(tenant=tenant, default_model="large")
    body = {"fallbacks": [{"provider_id": str(provider.pk)}, {"model": "demo"}]}

    told = api(editor).patch(f"/agents/{agent.pk}", body).json()

    assert told["fallbacks"] == [
        {"provider_id": str(provider.pk), "model": "large"},
        {"provider_id": None, "model": "demo"},
    ]


def test_the_api_refuses_what_is_foreign_or_too_much(api, editor, other_tenant, agent):
    foreign = ProviderFactory(tenant=other_tenant)

    for fallbacks, status in [
        ([{"provider_id": str(foreign.pk)}], 404),
        ([{"model": "demo"}] * 4, 422),
        ([{"model": "x" * 121}], 422),
    ]:
        answer = api(editor).patch(f"/agents/{agent.pk}", {"fallbacks": fallbacks})
        assert answer.status_code == status
    assert Agent.unscoped.get(pk=agent.pk).fallbacks == []
