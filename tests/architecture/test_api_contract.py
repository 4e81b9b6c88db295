"""schemathesis: whatever is sent, every answer is one that the API's description promises."""

import json

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks

from agents.runs import services
from tests.architecture.routes import document, operations

pytestmark = pytest.mark.django_db

# Drawn for each request: most of them get past the guard.
PRINCIPALS = ("owner", "owner", "owner", "viewer", "viewer", "anonymous")
EXAMPLES = 12
PROMISES = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
]

schema = schemathesis.openapi.from_dict(json.loads(json.dumps(document())))


@pytest.fixture(autouse=True)
def in_one_transaction(world, monkeypatch):
    """The handler drops the connection around each request; here it holds the furnished rows.

    A streamed run is done before its events are read: a thread would not see this transaction.
    """
    monkeypatch.setattr(services, "run_in_background", services.run_now)
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    request_started.disconnect(reset_queries)
    # Not config.wsgi's, made at import: it would look for collected files of the checkout.
    schema.app = WSGIHandler()
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)
    request_started.connect(reset_queries)


def strategy(route, world):
    """Requests as described and not as described, to objects that are there and to made-up ids."""
    operation = schema[route.template][route.method]
    own = {}
    for keyword, model in route.objects.items():
        row = world.row(model, "own")
        own[keyword] = row.number if keyword == "number" else str(row.pk)
    ways = [operation.as_strategy(path_parameters=own or None)]
    ways.append(operation.as_strategy())
    if route.operation.get("requestBody") or route.operation.get("parameters"):
        ways.append(operation.as_strategy(GenerationMode.NEGATIVE))
    return st.one_of(ways)


@pytest.mark.parametrize("route", operations(), ids=lambda route: route.id)
def test_every_answer_is_as_described(route, world):
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=strategy(route, world), who=st.sampled_from(PRINCIPALS))
    def ask(case, who):
        key = world.keys[who]
        with transaction.atomic():
            response = case.call(headers={"Authorization": f"Bearer {key}"} if key else {})
            case.validate_response(response, checks=PROMISES)
            transaction.set_rollback(True)

    ask()
