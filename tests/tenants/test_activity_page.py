"""Activity: the list of events with its filters."""

from datetime import timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from tenants import audit
from tenants.models import AuditEvent
from tests.factories.agents import AgentFactory
from tests.factories.tenants import ApiKeyFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/activity/"


@pytest.fixture
def agent(tenant, access, editor):
    agent = AgentFactory(tenant=tenant, name="Billing helper")
    audit.record(access(editor), "agent.updated", agent, {"description": ["Old", "New"]})
    return agent


def shown(response):
    return [event.action for event in response.context["page"].rows]


def test_it_says_who_did_what_to_what_newest_first(page, owner, agent):
    response = page(owner).get(URL)

    body = response.content.decode()
    assert shown(response)[0] == "agent.updated"
    assert "Agent updated" in body
    assert "Billing helper" in body
    assert "Editor" in body
    assert "Description" in body


@pytest.mark.parametrize("role", ["editor", "contributor", "viewer"])
def test_it_is_for_those_with_the_right_to_see_it(page, cast, role):
    client = page(getattr(cast, role))

    assert client.get(URL).status_code == 403
    assert URL.encode() not in client.get("/t/acme/").content


def test_the_sidebar_leads_to_it(page, admin):
    assert URL.encode() in page(admin).get("/t/acme/").content


def test_words_find_names_of_objects(page, owner, agent):
    client = page(owner)

    assert shown(client.get(f"{URL}?q=BILLING")) == ["agent.updated"]
    assert b"No event fits" in client.get(f"{URL}?q=nothing").content


def test_it_is_narrowed_by_person_key_and_roster(page, owner, editor, agent, tenant, access):
    key = ApiKeyFactory(tenant=tenant, user=editor, scopes=["view_agents"], name="Robot")
    through = access(editor)
    object.__setattr__(through, "key", key)
    audit.record(through, "thing.done")
    client = page(owner)

    assert shown(client.get(f"{URL}?who=person:{editor.pk}")) == ["thing.done", "agent.updated"]
    assert shown(client.get(f"{URL}?who=key:{key.pk}")) == ["thing.done"]
    assert "agent.updated" not in shown(client.get(f"{URL}?who=roster"))
    assert "tenant.created" in shown(client.get(f"{URL}?who=roster"))


def test_it_is_narrowed_by_action_and_kind(page, owner, agent):
    client = page(owner)

    assert shown(client.get(f"{URL}?what=agent.updated")) == ["agent.updated"]
    assert shown(client.get(f"{URL}?what=agent")) == ["agent.updated"]
    assert set(shown(client.get(f"{URL}?what=member"))) == {"member.added"}
    assert not shown(client.get(f"{URL}?what=age"))


def test_it_is_narrowed_to_one_object_and_what_belongs_to_it(page, owner, agent):
    response = page(owner).get(f"{URL}?object=agents.agent:{agent.pk}")

    assert shown(response) == ["agent.updated"]
    assert b"One object only" in response.content


def test_days_are_those_of_the_organisation(page, owner, agent, tenant):
    tenant.time_zone = "Pacific/Kiritimati"  # 14 hours ahead of UTC
    tenant.save()
    client = page(owner)
    made = AuditEvent.unscoped.filter(action="agent.updated").latest("number").created_at
    there = timezone.localtime(made, tenant.zone).date()

    assert shown(client.get(f"{URL}?since={there}&until={there}&what=agent"))
    assert not shown(client.get(f"{URL}?since={there + timedelta(days=1)}"))
    assert not shown(client.get(f"{URL}?until={there - timedelta(days=1)}"))


@pytest.mark.parametrize(
    "query",
    [
        "who=nobody", "who=person:1", "what=DROP TABLE", "object=agents.agent:7", "since=yesterday",
        "since=0000-00-00", "until=9999-12-31", "object=tenants.user:x", "q=%00", "sort=hash",
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_ignored(page, owner, agent, query):
    response = page(owner).get(f"{URL}?{quote(query, safe='=%&:')}")

    assert response.status_code == 200
    assert "agent.updated" in shown(response)


def test_a_damaged_cursor_is_told(page, owner, agent):
    assert page(owner).get(f"{URL}?after=nonsense").status_code == 400


def test_pages_go_on_where_the_last_one_ended(page, owner, access, agent):
    mine = access(owner)
    for number in range(60):
        audit.record(mine, "thing.done", changes={"n": number})
    client = page(owner)

    first = client.get(URL).context["page"]
    second = client.get(first.next_url).context["page"]

    numbers = [event.number for event in [*first.rows, *second.rows]]
    assert numbers == list(range(numbers[0], 0, -1))
    assert client.get(second.previous_url).context["page"].rows == first.rows


def test_the_filters_offer_who_and_what_there_was_lately(page, owner, editor, agent):
    body = page(owner).get(f"{URL}?what=tool.deleted").content.decode()

    assert f'value="person:{editor.pk}"' in body
    assert "Agent: anything" in body
    assert '<option value="tool.deleted" selected>Tool deleted' in body


def test_nothing_of_another_organisation_is_shown(page, owner, stranger, other_tenant, agent):
    audit.record_system(other_tenant, "globex.done")
    event = AuditEvent.unscoped.get(action="globex.done")
    client = page(owner)

    assert "globex.done" not in shown(client.get(URL))
    assert client.get(f"{URL}{event.pk}/").status_code == 404
    assert client.get(f"/t/globex/activity/{event.pk}/").status_code == 404
    assert not shown(client.get(f"{URL}?who=person:{stranger.pk}"))


def test_an_event_keeps_the_address_and_the_request_that_it_came_from(page, owner, settings):
    settings.TRUSTED_PROXIES = 1
    form = {"name": "Token", "value": "a long value"}

    response = page(owner).post(
        "/t/acme/settings/secrets/new/", form, headers={"X-Forwarded-For": "203.0.113.9, 192.0.2.7"}
    )

    event = AuditEvent.unscoped.get(action="secret.created")
    assert (event.address, event.request_id) == ("192.0.2.7", response["X-Request-ID"])
    assert "192.0.2.7" in page(owner).get(URL).content.decode()
