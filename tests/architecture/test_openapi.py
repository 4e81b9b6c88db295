"""The API's own description is complete, true, and changes only on purpose."""

import hashlib
import json
from collections import defaultdict

import pytest
from ninja import Schema

from config.api import api
from tests.architecture import allowances
from tests.architecture.payloads import is_multipart, query_of
from tests.architecture.regenerate import is_asked
from tests.architecture.routes import document, operations
from tests.architecture.source_code import APPS, ROOT

WRITTEN, NOTES = ROOT / "docs" / "openapi.json", ROOT / "docs" / "api-changes.md"
HOW = "python -m tests.architecture.regenerate"

each_operation = pytest.mark.parametrize("route", operations(), ids=lambda route: route.id)
with_background = pytest.mark.usefixtures("without_background")

# Answers with many items that are no paged list, with the reason.
WHOLE_LISTS = {
    "api:list_run_steps": "all steps of one run in order; the agent's limits keep them few",
    "api:upload_knowledge": "one item for each file of the request",
    "api:add_document": "one item for each file of the request",
    "api:search_knowledge": "the best passages, at most `limit`",
    "api:explain_access": "one item for each action that the object knows",
    **{
        f"api:{verb}_{kind}_access": "one item for each role; the members' list is paged"
        for verb in ("get", "update")
        for kind in ("agent", "persona", "tool", "knowledge")
    },
}
WITHOUT_EXAMPLE = {}


def as_written():
    return json.dumps(document(), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def schema_of(content):
    """A media type's schema, looked up where it is a reference."""
    schema = next(iter(content.values()))["schema"]
    name = schema.get("$ref", "").rpartition("/")[2]
    return document()["components"]["schemas"][name] if name else schema


def answer_of(route):
    """The schema of the answer of success; None where it has no JSON."""
    for status, answer in route.operation["responses"].items():
        if 200 <= int(status) < 300 and "application/json" in answer.get("content", {}):
            return schema_of(answer["content"])
    return None


# ── What it says ──────────────────────────────────────────────────────────────────────────────


def test_operation_ids_are_the_names_of_the_functions():
    functions = [
        operation.view_func.__name__
        for _, router in api._routers
        for path in router.path_operations.values()
        for operation in path.operations
    ]

    assert sorted(functions) == sorted(route.operation["operationId"] for route in operations())
    assert len(functions) == len(set(functions))


@each_operation
def test_it_says_what_it_does(route):
    summary = route.operation.get("summary", "")

    assert summary
    assert summary != route.operation["operationId"].replace("_", " ").title()
    assert len(summary) < 60
    assert not summary.endswith(".")
    assert route.operation.get("description"), "its docstring"
    assert route.operation.get("tags")


@each_operation
def test_it_names_the_errors_that_it_answers(route):
    named = {int(status) for status in route.operation["responses"]}
    expected = {401, 403, 404, 422} | ({400, 413} if "requestBody" in route.operation else set())

    assert expected <= named
    for status in (s for s in named if s >= 400):
        answer = (
            route.operation["responses"].get(status) or route.operation["responses"][str(status)]
        )
        assert list(answer["content"]) == ["application/problem+json"]


def test_every_body_and_every_answer_has_an_example():
    lacking = {}
    for route in operations():
        parts = {"answer": answer_of(route)}
        if route.operation.get("requestBody") and not is_multipart(route):
            parts["body"] = schema_of(route.operation["requestBody"]["content"])
        for part, schema in parts.items():
            if schema and not has_example(schema):
                lacking[f"{route.name} {part}"] = f"{schema.get('title')}: json_schema_extra"

    allowances.check("An example helps more than a type:", lacking, WITHOUT_EXAMPLE)


def has_example(schema):
    """Its own, or for a page of items that of an item."""
    if "example" in schema or "examples" in schema:
        return True
    inner = [schema, *schema.get("properties", {}).values()]
    names = [str(part) for part in inner if "$ref" in str(part)]
    schemas = document()["components"]["schemas"]
    return bool(names) and any(
        "example" in schemas[name] for name in schemas if any(f"/{name}'" in n for n in names)
    )


# ── Lists ─────────────────────────────────────────────────────────────────────────────────────


def test_every_list_is_paged():
    found = {}
    for route in operations():
        answer = answer_of(route) or {}
        has_many = answer.get("type") == "array" or any(
            part.get("type") == "array" and "$ref" in str(part.get("items"))
            for part in answer.get("properties", {}).values()
        )
        is_one = "id" in answer.get("properties", {}) or answer.get("title", "").endswith(
            "VersionOut"
        )
        if has_many and not is_one and not answer["title"].startswith("Paged"):
            found[route.name] = answer["title"]

    allowances.check("Return a queryset with `response=list[…]`:", found, WHOLE_LISTS)


def is_paged(route):
    return (answer_of(route) or {}).get("title", "").startswith("Paged")


@pytest.mark.parametrize("route", [*filter(is_paged, operations())], ids=lambda route: route.id)
def test_a_page_has_at_most_two_hundred_items(route):
    parameters = {p["name"]: p["schema"] for p in route.operation.get("parameters", ())}

    assert parameters["limit"]["maximum"] == 200
    assert parameters["limit"]["default"] == 20
    assert "cursor" in parameters


def test_no_two_schemas_share_a_name():
    """The description knows a schema by its class's name alone: the later would take the place."""
    found = defaultdict(set)
    waiting = [Schema]
    while waiting:
        for schema in waiting.pop().__subclasses__():
            waiting.append(schema)
            if schema.__module__.split(".")[0] in {app.split(".")[0] for app in APPS}:
                found[schema.__name__].add(schema.__module__)

    assert not {name: places for name, places in found.items() if len(places) > 1}


# ── What it refuses ───────────────────────────────────────────────────────────────────────────


@pytest.mark.django_db
@with_background
@each_operation
def test_an_unknown_query_parameter_is_a_422_that_names_it(route, world, asker):
    usual = query_of(route, world) or {}
    answer = asker.ask(route, "owner", query={**usual, "nonsense": "1"})

    assert answer.status == 422
    assert json.loads(answer.text)["errors"][0]["pointer"] == "/query/nonsense"


@pytest.mark.django_db
@with_background
@pytest.mark.parametrize(
    "route",
    [route for route in operations() if route.operation.get("requestBody")],
    ids=lambda route: route.id,
)
def test_an_unknown_field_of_a_body_is_a_422_that_names_it(route, asker):
    answer = asker.ask(route, "owner", extra={"nonsense": "1"})

    assert answer.status == 422, answer.text
    assert json.loads(answer.text)["errors"][0]["pointer"].endswith("/nonsense")


# ── What was promised ─────────────────────────────────────────────────────────────────────────


@pytest.mark.skipif(not is_asked(), reason=f"only in {HOW}")
def test_the_description_is_written_anew():
    WRITTEN.write_text(as_written())


def test_the_description_is_the_one_that_was_committed():
    assert (WRITTEN.read_text() if WRITTEN.exists() else "") == as_written(), (
        f"The API changed. {HOW} writes docs/openapi.json; then say in docs/api-changes.md what"
        " changed for those who call it."
    )


def test_its_last_change_is_told():
    mark = hashlib.sha256(WRITTEN.read_bytes()).hexdigest()[:12]
    last = next(line for line in NOTES.read_text().splitlines() if line.startswith("## "))

    assert mark in last, (
        f"docs/api-changes.md: the newest heading must name this document, `{mark}`"
    )
