"""The activity log as a file."""

import csv
import io
import json

import pytest

from tenants import audit, downloads
from tenants.models import AuditEvent
from tests.factories.agents import AgentFactory

pytestmark = pytest.mark.django_db
URL = "/t/acme/activity/export/"


def content(response):
    return b"".join(response.streaming_content).decode()


@pytest.fixture
def agent(tenant, access, owner):
    agent = AgentFactory(tenant=tenant, name="=HYPERLINK(1)")
    audit.record(access(owner), "agent.updated", agent, {"description": ["Old", "New"]})
    return agent


def test_csv_has_a_row_for_each_event(page, owner, agent):
    response = page(owner).post(URL, {"format": "csv"})

    rows = list(csv.DictReader(io.StringIO(content(response))))
    assert response["Content-Type"].startswith("text/csv")
    assert ".csv" in response["Content-Disposition"]
    assert rows[1]["action"] == "agent.updated"
    assert rows[1]["object"] == "'=HYPERLINK(1)"
    assert json.loads(rows[1]["changes"]) == {"description": ["Old", "New"]}


def test_json_lines_have_the_filtered_events_only(page, owner, agent):
    response = page(owner).post(f"{URL}?what=agent", {"format": "json"})

    [event] = [json.loads(line) for line in content(response).splitlines()]
    assert event["object"] == "=HYPERLINK(1)"
    assert event["hash"] == AuditEvent.unscoped.get(action="agent.updated").hash


def test_the_export_is_itself_on_record(page, owner, agent):
    before = AuditEvent.unscoped.count()

    page(owner).post(f"{URL}?what=agent", {"format": "csv"})

    event = AuditEvent.unscoped.get(action="activity.exported")
    assert AuditEvent.unscoped.count() == before + 1
    assert event.actor == owner
    assert event.changes == {"format": "csv", "filters": {"what": "agent"}}


def test_it_withholds_what_the_page_withholds(page, admin, tenant, agent):
    agent.is_restricted = True
    agent.save()

    text = content(page(admin).post(URL, {"format": "json"}))

    assert "HYPERLINK" not in text
    assert str(agent.pk) not in text
    assert '"withheld": true' in text


@pytest.mark.parametrize("form", [{}, {"format": "xlsx"}])
def test_another_format_is_a_bad_request(page, owner, agent, form):
    assert page(owner).post(URL, form).status_code == 400
    assert not AuditEvent.unscoped.filter(action="activity.exported").exists()


def test_reading_does_not_export(page, owner):
    assert page(owner).get(URL).status_code == 405


def test_a_file_ends_at_its_limit(page, owner, access, monkeypatch):
    monkeypatch.setattr(downloads, "MOST_ROWS", 3)
    for _ in range(5):
        audit.record(access(owner), "thing.done")

    text = content(page(owner).post(URL, {"format": "json"}))

    assert len(text.splitlines()) == 3


def test_many_rows_are_read_in_chunks(page, owner, access, django_assert_num_queries):
    for _ in range(12):
        audit.record(access(owner), "thing.done")
    response = page(owner).post(f"{URL}?what=thing", {"format": "json"})

    numbers = [json.loads(line)["number"] for line in content(response).splitlines()]

    assert numbers == sorted(numbers, reverse=True)
    assert len(numbers) == 12
