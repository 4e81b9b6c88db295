"""Schemas that a tool may have, and arguments that a schema lets through."""

import time
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.parameters import (
    MAX_PROPERTIES,
    ArgumentError,
    checked_arguments,
    described,
    schema_problems,
)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4)
    ),
    max_leaves=12,
)
KEYWORDS = st.sampled_from(
    ["type", "properties", "required", "items", "anyOf", "enum", "pattern", "minimum", "$ref"]
)
SCHEMA_LIKE = st.dictionaries(KEYWORDS, JSON, max_size=5).map(lambda it: {**it, "type": "object"})


def schema(**properties):
    return {"type": "object", "properties": properties, "required": []}


def nested(depth):
    inner = {"type": "string"}
    for _ in range(depth):
        inner = {"type": "array", "items": inner}
    return schema(a=inner)


@pytest.mark.parametrize(
    "part",
    [
        {"type": "string", "enum": ["a", "b"], "default": "a", "description": "Which."},
        {"type": "integer", "minimum": 1, "maximum": 9, "multipleOf": 2},
        {"type": ["string", "null"], "format": "date", "pattern": r"^\d{4}"},
        {"type": "array", "items": {"type": "object", "properties": {"x": {"const": 1}}}},
        {"anyOf": [{"type": "string"}, {"type": "number"}]},
    ],
)
def test_an_ordinary_schema_is_fine(part):
    assert schema_problems(schema(a=part)) == []


@pytest.mark.parametrize(
    ("bad", "pointer", "detail"),
    [
        ([], "", "type"),
        ({"type": "string"}, "", "type"),
        (schema(a={"$ref": "https://evil.example/schema"}), "/properties/a/$ref", "supported"),
        (schema(a={"$ref": "#"}), "/properties/a/$ref", "supported"),
        (
            schema(a={"type": "array", "uniqueItems": True}),
            "/properties/a/uniqueItems",
            "supported",
        ),
        (schema(a={"patternProperties": {}}), "/properties/a/patternProperties", "supported"),
        (schema(a={"anyOf": [{"not": {}}]}), "/properties/a/anyOf/0/not", "supported"),
        (schema(a={"items": {"$id": "x"}}), "/properties/a/items/$id", "supported"),
        (schema(a={"pattern": "(?=x)"}), "/properties/a/pattern", "RE2"),
        (schema(a={"type": "strin"}), "/properties/a/type", "strin"),
        ({"type": "object", "properties": []}, "/properties", "object"),
        (schema(**{"no good": {}}), "/properties", "no good"),
        (schema(**{f"p{n}": {} for n in range(MAX_PROPERTIES + 1)}), "/properties", "At most"),
        (schema(a={"description": "x" * 40_000}), "", "larger"),
        (schema(a={"default": float("nan")}), "", "JSON"),
        (schema(a={"default": "\x00"}), "", "NUL"),
        (schema(a={"default": "\ud800"}), "", "JSON"),
        (nested(10_000), "", "deeper"),
    ],
)
def test_a_schema_that_could_do_harm_is_refused(bad, pointer, detail):
    first = schema_problems(bad)[0]

    assert first.pointer == pointer
    assert detail in first.detail


@given(SCHEMA_LIKE, JSON)
def test_no_schema_and_no_arguments_break_the_check(candidate, arguments):
    if schema_problems(candidate):
        return
    with suppress(ArgumentError):
        checked_arguments(candidate, arguments)


def test_defaults_are_filled_in():
    wanted = schema(limit={"type": "integer", "default": 5}, query={"type": "string"})

    assert checked_arguments(wanted, {"query": "x"}) == {"limit": 5, "query": "x"}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ([], "JSON object"),
        ({"n": "five"}, "/n: 'five' is not of type 'integer'"),
        ({"invented": 1}, "invented"),
        ({"n": float("inf")}, "written as JSON"),
        ({"n": 10**400}, "too large"),
        ({"s": "x" * 70_000}, "larger than 64 KiB"),
        ({"s": "a\x00b"}, "NUL"),
        ({"s": "\ud800"}, "written as JSON"),
        ({"s": "nope"}, "does not match"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(arguments, told):
    wanted = schema(
        n={"type": "integer", "multipleOf": 0.5}, s={"type": "string", "pattern": "^[ax]"}
    )

    with pytest.raises(ArgumentError, match=told):
        checked_arguments(wanted, arguments)


def test_what_the_schema_allows_beyond_itself_passes():
    assert checked_arguments({**schema(), "additionalProperties": True}, {"x": 1}) == {"x": 1}


def test_a_pattern_takes_linear_time():
    wanted = schema(s={"type": "string", "pattern": "^(a+)+$"})
    began = time.monotonic()

    with pytest.raises(ArgumentError):
        checked_arguments(wanted, {"s": "a" * 5_000 + "b"})

    assert time.monotonic() - began < 20  # backtracking would take for ever


def test_only_the_first_few_problems_are_told():
    wanted = schema(a={"type": "array", "items": {"type": "integer"}})

    with pytest.raises(ArgumentError) as error:
        checked_arguments(wanted, {"a": ["x" * 1000] * 50})

    assert len(error.value.problems) == 5
    assert max(len(problem.detail) for problem in error.value.problems) < 310


def test_parameters_are_described_for_people():
    wanted = schema(a={"type": ["string", "null"], "description": "A."}, b={}, c=True)
    wanted["required"] = ["a"]

    assert described(wanted) == [("a", "string or null", True, "A."), ("b", "any", False, "")]
