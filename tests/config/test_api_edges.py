"""What the API answers before any of its operations is asked."""

import pytest

from tenants.models import AuditEvent

pytestmark = pytest.mark.django_db


def test_a_wrong_method_is_a_problem_that_names_the_right_ones(api, editor):
    answer = api(editor).call("put", "/agents", {})

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


def test_a_body_beyond_the_limit_is_too_large(api, editor, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000

    answer = api(editor).post("/knowledge", {"name": "x" * 2_000})

    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")


def test_an_unknown_address_is_a_problem_too(api, editor):
    answer = api(editor).get("/no-such-thing")

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert answer["Content-Type"] == "application/problem+json"


def test_the_audit_log_carries_the_requests_id(api, editor):
    answer = api(editor).post("/knowledge", {"name": "Handbook"})

    event = AuditEvent.unscoped.get(action="source.created")
    assert event.request_id == answer["X-Request-ID"] != ""
