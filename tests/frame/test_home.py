from decimal import Decimal

import pytest

from tests.factories.agents import AgentFactory
from tests.factories.knowledge import DocumentFactory
from tests.factories.runs import AgentRunFactory
from tests.factories.tenants import JobFactory

pytestmark = pytest.mark.django_db


def home(page, person):
    return page(person).get("/t/acme/").content.decode()


def test_a_new_organisation_is_shown_the_first_steps(page, editor):
    content = home(page, editor)

    assert "From nothing to the first answer" in content
    assert "data-done" not in content


def test_steps_that_were_taken_are_ticked(page, editor, tenant):
    AgentFactory(tenant=tenant)

    assert "data-done" in home(page, editor)


def test_who_may_not_build_sees_no_steps(page, viewer):
    assert "From nothing" not in home(page, viewer)


def test_it_says_what_ran_and_what_failed(page, editor, tenant):
    agent = AgentFactory(tenant=tenant, name="Billing helper")
    AgentRunFactory(tenant=tenant, agent=agent, input="Who pays twice?", status="completed")
    AgentRunFactory(tenant=tenant, agent=agent, status="failed", cause="The provider is down.")
    DocumentFactory(tenant=tenant, name="locked.pdf", status="failed", cause="It has a password.")

    content = home(page, editor)

    assert "Who pays twice?" in content
    assert "The provider is down." in content
    assert "It has a password." in content
    assert "50.0 % completed" in content


def test_it_says_what_is_being_worked_on(page, editor, tenant):
    JobFactory(
        tenant=tenant, created_by=editor, title="Index x.pdf", status="running", done=3, total=9
    )

    assert "Index x.pdf" in home(page, editor)


def test_nothing_of_others_is_counted(page, editor, tenant, other_tenant):
    AgentRunFactory(tenant=other_tenant, input="foreign question", status="failed")
    DocumentFactory(tenant=other_tenant, name="foreign.pdf", status="failed")

    content = home(page, editor)

    assert "foreign" not in content
    assert "All is well" in content


def test_the_number_of_queries_does_not_grow(page, editor, tenant, django_assert_max_num_queries):
    agent = AgentFactory(tenant=tenant)
    AgentRunFactory.create_batch(10, tenant=tenant, agent=agent, status="failed")
    DocumentFactory.create_batch(10, tenant=tenant, status="failed")
    client = page(editor)

    with django_assert_max_num_queries(16):
        client.get("/t/acme/")


def test_spend_in_two_currencies_is_told_apart(page, owner, tenant):
    for cost, currency in [("1.5", "USD"), ("2.25", "EUR"), ("1", "EUR")]:
        AgentRunFactory(tenant=tenant, cost=Decimal(cost), currency=currency, started_by=owner)

    content = page(owner).get("/t/acme/").content.decode()

    assert "€ 3.25 + $ 1.50" in content
