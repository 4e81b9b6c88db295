"""Agents that name no model use their organisation's."""

import pytest
from django.db import IntegrityError, connection, transaction

from agents import specs
from tenants import services
from tenants.access import Access
from tenants.models import Tenant
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ProviderFactory

pytestmark = pytest.mark.django_db


def test_agents_without_a_route_use_the_organisations(tenant, owner, access):
    vendor = ProviderFactory(tenant=tenant, default_model="usual")
    other = ProviderFactory(tenant=tenant)
    routeless, demo = AgentFactory(tenant=tenant), AgentFactory(tenant=tenant, model="demo")
    own = AgentFactory(tenant=tenant, provider=other, model="mine")

    def route(agent):
        agent = Access.of(owner, "acme").get(type(agent), agent.pk)
        route = specs.draft_spec(agent).routes[0]
        return route.provider_id, route.model

    assert route(routeless) == (None, "demo")
    services.update_tenant(access(owner), default_provider=vendor)
    assert route(routeless) == (vendor.pk, "usual")
    services.update_tenant(access(owner), default_model="large")
    assert route(routeless) == (vendor.pk, "large")
    assert (route(demo), route(own)) == ((None, "demo"), (other.pk, "mine"))


def test_the_database_refuses_a_foreign_default_provider(tenant, other_tenant):
    foreign = ProviderFactory(tenant=other_tenant)
    with pytest.raises(IntegrityError), transaction.atomic():
        Tenant.objects.filter(pk=tenant.pk).update(default_provider=foreign)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
