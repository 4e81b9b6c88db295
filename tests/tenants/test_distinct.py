"""The different values of a column, as those see them who may see some rows only."""

import pytest

from agents.models import Agent
from tenants.distinct import distinct_values
from tests.factories.agents import AgentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def models(tenant, other_tenant):
    for name in ("b", "a", "b", "100 %", "é", ""):
        AgentFactory(tenant=tenant, model=name)
    AgentFactory(tenant=tenant, model="hidden", is_restricted=True)
    AgentFactory(tenant=other_tenant, model="foreign")


def test_they_are_those_of_select_distinct(
    models, access, owner, viewer, django_assert_num_queries
):
    for person in (owner, viewer):
        rows = access(person).visible(Agent)
        expected = list(rows.order_by("model").values_list("model", flat=True).distinct())
        with django_assert_num_queries(1):
            assert distinct_values(rows, "model", limit=100) == expected


def test_there_are_no_more_than_the_limit(models, access, viewer):
    assert distinct_values(access(viewer).visible(Agent), "model", limit=2) == ["", "100 %"]


def test_of_no_rows_there_are_none(models, access, viewer):
    mine = access(viewer)

    assert distinct_values(mine.visible(Agent).none(), "model", limit=100) == []
    assert distinct_values(mine.visible(Agent).filter(name="?"), "model", limit=100) == []
