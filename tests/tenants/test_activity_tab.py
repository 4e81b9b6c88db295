"""The Activity tab of agents, personas, tools and sources."""

import pytest

from knowledge import services as knowledge
from tenants import audit
from tests.factories.agents import AgentFactory
from tests.factories.knowledge import SourceFactory, indexed
from tests.factories.personas import PersonaFactory
from tests.factories.tools import ToolFactory

pytestmark = pytest.mark.django_db

KINDS = [
    pytest.param(AgentFactory, "agents", id="agent"),
    pytest.param(PersonaFactory, "personas", id="persona"),
    pytest.param(ToolFactory, "tools", id="tool"),
    pytest.param(SourceFactory, "knowledge", id="source"),
]


def shown(response):
    return [event.action for event in response.context["page"].rows]


@pytest.mark.parametrize(("factory", "place"), KINDS)
def test_it_has_the_events_of_this_object_alone(page, owner, access, tenant, factory, place):
    row, other = factory(tenant=tenant), factory(tenant=tenant)
    audit.record(access(owner), "thing.done", row)
    audit.record(access(owner), "other.done", other)
    client = page(owner)

    response = client.get(f"/t/acme/{place}/{row.pk}/activity/")

    assert shown(response) == ["thing.done"]
    assert b'aria-current="page">Activity</a>' in response.content
    assert (
        f"/t/acme/{place}/{row.pk}/activity/".encode() in client.get(row.get_absolute_url()).content
    )


@pytest.mark.parametrize(("factory", "place"), KINDS)
def test_it_is_for_those_who_see_the_log_and_the_object(
    page, admin, viewer, tenant, factory, place
):
    url = f"/t/acme/{place}/{{}}/activity/"
    is_open, withheld = factory(tenant=tenant), factory(tenant=tenant, is_restricted=True)

    assert page(admin).get(url.format(is_open.pk)).status_code == 200
    assert page(admin).get(url.format(withheld.pk)).status_code == 404
    assert page(viewer).get(url.format(is_open.pk)).status_code == 403
    assert b"/activity/" not in page(viewer).get(is_open.get_absolute_url()).content


def test_documents_are_among_the_events_of_their_source(page, owner, access, tenant):
    source = SourceFactory(tenant=tenant)
    [document] = indexed(access(owner), source, ("refunds.txt", "Five days."))
    knowledge.delete_document(access(owner), document)

    response = page(owner).get(f"/t/acme/knowledge/{source.pk}/activity/")

    assert shown(response)[0] == "document.deleted"
    assert b"refunds.txt" in response.content
