"""The portal's own functions."""

from datetime import datetime

import pytest

from tests.factories.tools import BuiltinToolFactory
from tools.builtins import BUILTINS
from tools.execution import ToolContext, execute
from tools.parameters import schema_problems
from tools.snapshots import snapshot


@pytest.fixture
def call(tenant, viewer, access):
    def run(builtin, arguments, **context):
        tool = BuiltinToolFactory(tenant=tenant, builtin=builtin)
        return execute(access(viewer), snapshot(tool), arguments, context=ToolContext(**context))

    return run


@pytest.mark.parametrize("name", BUILTINS)
def test_their_parameters_are_what_tenants_may_write(name):
    assert schema_problems(BUILTINS[name].parameters) == []


def test_the_time_is_told_in_the_tenants_zone(call, tenant):
    tenant.time_zone = "Asia/Tokyo"
    tenant.save()

    result = call("current_time", {})

    assert result.output_json["time_zone"] == "Asia/Tokyo"
    assert datetime.fromisoformat(result.output_json["time"]).utcoffset().seconds == 9 * 3600


def test_the_time_is_told_in_the_zone_that_was_asked_for(call):
    result = call("current_time", {"time_zone": "America/Lima"})

    assert result.output_json["time"].endswith("-05:00")
    assert result.output_json["weekday"] in result.output_text


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../etc/passwd", "/etc/localtime", ""])
def test_a_zone_that_does_not_exist_is_a_failure(call, zone):
    result = call("current_time", {"time_zone": zone})

    assert result.ok is (zone == "")


def test_the_search_is_what_the_run_gives(call):
    asked = []

    def search(query, limit):
        asked.append((query, limit))
        return [{"text": "Refunds take 14 days.", "document": "Terms", "page": 3}]

    result = call("knowledge_search", {"query": "refunds"}, search=search)

    assert asked == [("refunds", 5)]
    assert result.output_json["passages"][0]["page"] == 3


def test_the_search_outside_a_run_is_a_failure(call):
    result = call("knowledge_search", {"query": "refunds"})

    assert (result.ok, result.error_code) == (False, "no_run")
